package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static io.kafscale.wire.Requests.PRODUCE_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.wire.ManualHandler.Pending;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.SaslHandshakeResponse;
import org.junit.jupiter.api.Test;

class AnswersTest extends ServerFixture {
    private final ManualHandler handler = new ManualHandler();

    private Errors heartbeatAnsweredWith(Throwable failure) throws Exception {
        RawClient client = connect(start(settings(), handler));
        int id = client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().answer().completeExceptionally(failure);
        return client.<HeartbeatResponse>receive(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, id)
                .error();
    }

    @Test
    void aFailureOfKafkasKindBecomesItsErrorCode() throws Exception {
        assertThat(heartbeatAnsweredWith(new CompletionException(new NotCoordinatorException("moved"))))
                .isEqualTo(Errors.NOT_COORDINATOR);
    }

    @Test
    void anyOtherFailureBecomesUnknownServerError() throws Exception {
        assertThat(heartbeatAnsweredWith(new IllegalStateException("bug"))).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
    }

    @Test
    void aHandlerThatThrowsAnswersUnknownServerError() throws Exception {
        RawClient client = connect(start(settings(), (context, request, buffer) -> {
            throw new AssertionError("bug");
        }));
        int id = client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        HeartbeatResponse response = client.receive(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, id);
        assertThat(response.error()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
    }

    @Test
    void noResponseWhereTheClientWaitsForOneBecomesUnknownServerError() throws Exception {
        RawClient client = connect(start(settings(), handler));
        int id = client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().answer().complete(null);
        HeartbeatResponse response = client.receive(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, id);
        assertThat(response.error()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
    }

    @Test
    void aResponseThatTheVersionCannotExpressBecomesAnErrorResponse() throws Exception {
        // Given
        RawClient client = connect(start(settings(), handler));
        var partition = new ListOffsetsPartition().setPartitionIndex(3).setTimestamp(-1);
        int id = client.send(
                ApiKeys.LIST_OFFSETS,
                1,
                new ListOffsetsRequestData()
                        .setReplicaId(-1)
                        .setTopics(List.of(new ListOffsetsTopic().setName("t").setPartitions(List.of(partition)))));
        // When
        var answer = new ListOffsetsPartitionResponse().setPartitionIndex(3).setLeaderEpoch(7);
        handler.next()
                .answer()
                .complete(new ListOffsetsResponse(new ListOffsetsResponseData()
                        .setTopics(List.of(
                                new ListOffsetsTopicResponse().setName("t").setPartitions(List.of(answer))))));
        // Then
        ListOffsetsResponse response = client.receive(ApiKeys.LIST_OFFSETS, 1, id);
        assertThat(response.topics().getFirst().partitions().getFirst().errorCode())
                .isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
    }

    @Test
    void produceWithoutAcksGetsNoResponse() throws Exception {
        RawClient client = connect(start(settings(), handler));
        client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(0, 10));
        int second = client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().answer().complete(null);
        handler.next().reply();
        assertThat(client.receiveCorrelationId()).isEqualTo(second);
        events.await("sent PRODUCE 0");
    }

    @Test
    void aFailedProduceWithoutAcksClosesTheConnectionAfterEarlierResponses() throws Exception {
        RawClient client = connect(start(settings(), handler));
        int first = client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(0, 10));
        Pending heartbeat = handler.next();
        handler.next().answer().completeExceptionally(new NotCoordinatorException("x"));
        heartbeat.reply();
        assertThat(client.receiveCorrelationId()).isEqualTo(first);
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aProduceResponseWithErrorsWithoutAcksClosesTheConnection() throws Exception {
        RawClient client = connect(start(settings(), handler));
        client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(0, 10));
        Pending pending = handler.next();
        var asIfAcked = new ProduceRequest(
                ((ProduceRequest) pending.request()).data().duplicate().setAcks((short) 1), PRODUCE_VERSION);
        pending.answer().complete(asIfAcked.getErrorResponse(Errors.NOT_LEADER_OR_FOLLOWER.exception()));
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aVersionOfApiVersionsThatDoesNotExistIsAnsweredInVersionZero() throws Exception {
        RequestHandler answering = (context, request, buffer) ->
                CompletableFuture.completedFuture(VERSIONS.answer((ApiVersionsRequest) request));
        RawClient client = connect(start(settings(), answering));
        var frame = RawClient.frame(ApiKeys.API_VERSIONS, (short) 4, new ApiVersionsRequestData(), 1);
        frame.putShort(Integer.BYTES + Short.BYTES, (short) 99);
        client.sendBytes(frame);
        ApiVersionsResponse response = client.receive(ApiKeys.API_VERSIONS, 0, 1);
        assertThat(response.data().errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        assertThat(response.apiVersion(ApiKeys.API_VERSIONS.id)).isNotNull();
    }

    @Test
    void theClientsSoftwareIsKnownAfterApiVersions() throws Exception {
        RawClient client = connect(start(settings(), handler));
        client.send(
                ApiKeys.API_VERSIONS,
                3,
                new ApiVersionsRequestData().setClientSoftwareName("lib").setClientSoftwareVersion("1.2"));
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next();
        assertThat(handler.next().context().clientInformation).isEqualTo(new ClientInformation("lib", "1.2"));
    }

    @Test
    void saslWhereThereIsNoneIsAnsweredAsKafkaDoes() throws Exception {
        RawClient client = connect(start(settings(), handler));
        int id = client.send(ApiKeys.SASL_HANDSHAKE, 1, new SaslHandshakeRequestData().setMechanism("PLAIN"));
        SaslHandshakeResponse response = client.receive(ApiKeys.SASL_HANDSHAKE, 1, id);
        assertThat(response.error()).isEqualTo(Errors.ILLEGAL_SASL_STATE);
    }

    @Test
    void whatIsKeptForAResponseIsLetGoWhenItWasSentOrTheConnectionIsGone() throws Exception {
        RawClient client = connect(start(settings(), handler));
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        var sent = new CountDownLatch(1);
        var gone = new CountDownLatch(1);
        Pending first = handler.next();
        Pending second = handler.next();
        first.buffer().onAnswered(sent::countDown);
        second.buffer().onAnswered(gone::countDown);

        first.reply();
        assertThat(sent.await(20, TimeUnit.SECONDS)).isTrue();
        client.close();
        events.await("closed");
        assertThat(gone.getCount()).isEqualTo(1);
        second.reply();
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
