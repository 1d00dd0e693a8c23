package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.wire.ManualHandler.Pending;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large responses of many slices, to readers that take their time. */
class FetchTest extends ServerFixture {
    private static final short FETCH_VERSION = 12;
    private static final int SLICES = 700;
    private static final int SLICE_BYTES = 20_000;

    @TempDir
    Path directory;

    private final ManualHandler handler = new ManualHandler();
    private final byte[][] slices = new byte[SLICES][SLICE_BYTES];

    FetchTest() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (byte[] slice : slices) {
            random.nextBytes(slice);
        }
    }

    private FetchResponse response(int partitions) {
        List<ByteBuffer> buffers =
                List.of(slices).stream().map(ByteBuffer::wrap).toList();
        var data = new ArrayList<PartitionData>();
        for (int i = 0; i < partitions; i++) {
            data.add(new PartitionData().setPartitionIndex(i).setRecords(GatheredRecords.of(buffers)));
        }
        return FetchResponse.of(new FetchResponseData()
                .setResponses(List.of(new FetchableTopicResponse().setTopic("t").setPartitions(data))));
    }

    private void assertIntact(FetchResponse response, int partitions) {
        List<PartitionData> data = response.data().responses().getFirst().partitions();
        assertThat(data).hasSize(partitions);
        for (PartitionData partition : data) {
            ByteBuffer records = ((MemoryRecords) partition.records()).buffer();
            assertThat(records.remaining()).isEqualTo(SLICES * SLICE_BYTES);
            for (byte[] slice : slices) {
                assertThat(records.slice(records.position(), SLICE_BYTES)).isEqualTo(ByteBuffer.wrap(slice));
                records.position(records.position() + SLICE_BYTES);
            }
        }
    }

    private void assertAnotherConnectionIsServed(RawClient other) throws IOException, InterruptedException {
        int id = other.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().reply();
        assertThat(other.receiveCorrelationId()).isEqualTo(id);
    }

    @Test
    void aSlowReaderGetsAllAndHoldsUpNobody() throws Exception {
        // Given
        KafkaServer server = start(settings().withNetworkThreads(1), handler);
        RawClient slow = keep(RawClient.withSmallReceiveBuffer(server.boundAddress()));
        RawClient other = connect(server);
        slow.send(ApiKeys.FETCH, FETCH_VERSION, new FetchRequestData());
        slow.send(ApiKeys.FETCH, FETCH_VERSION, new FetchRequestData());
        // When
        Pending first = handler.next();
        Pending second = handler.next();
        second.answer().complete(response(1));
        first.answer().complete(response(3));
        assertAnotherConnectionIsServed(other);
        // Then
        assertIntact(slow.receive(ApiKeys.FETCH, FETCH_VERSION, 1), 3);
        assertAnotherConnectionIsServed(other);
        assertIntact(slow.receive(ApiKeys.FETCH, FETCH_VERSION, 2), 1);
    }

    @Test
    void tlsCarriesItIntact() throws Exception {
        // Given
        TestCertificate certificate = TestCertificate.in(directory);
        var listener =
                new ListenerSettings("TLS", "127.0.0.1", 0, SecurityProtocol.SSL, certificate.serverProperties());
        KafkaServer server = start(
                new ServerSettings(listener, 1, RequestLimits.DEFAULTS, ConnectionLimits.DEFAULTS, Duration.ZERO),
                handler);
        RawClient client = keep(
                new RawClient(server.boundAddress(), certificate.clientContext().getSocketFactory()));
        for (int i = 0; i < 3; i++) {
            client.send(ApiKeys.FETCH, FETCH_VERSION, new FetchRequestData());
        }
        // When
        for (int i = 0; i < 3; i++) {
            handler.next().answer().complete(response(2));
        }
        // Then
        for (int i = 1; i <= 3; i++) {
            assertIntact(client.receive(ApiKeys.FETCH, FETCH_VERSION, i), 2);
        }
    }

    @Test
    void aReaderThatHangsUpInTheMiddleLeavesNothingBehind() throws Exception {
        KafkaServer server = start(settings(), handler);
        RawClient slow = keep(RawClient.withSmallReceiveBuffer(server.boundAddress()));
        slow.send(ApiKeys.FETCH, FETCH_VERSION, new FetchRequestData());
        Pending pending = handler.next();
        var done = new CountDownLatch(1);
        pending.buffer().onAnswered(done::countDown);
        pending.answer().complete(response(3));
        slow.close();
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        await("connection gone", () -> server.connections() == 0);
    }
}
