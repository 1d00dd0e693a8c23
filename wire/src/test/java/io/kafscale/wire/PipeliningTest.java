package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static io.kafscale.wire.Requests.PRODUCE_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.wire.ManualHandler.Pending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.junit.jupiter.api.Test;

class PipeliningTest extends ServerFixture {
    private final ManualHandler handler = new ManualHandler();

    private static RequestLimits limits(int maxInFlight, int maxInFlightBytes) {
        var d = RequestLimits.DEFAULTS;
        return new RequestLimits(
                d.maxRequestBytes(),
                d.totalBytes(),
                d.reserveBytes(),
                d.smallRequestBytes(),
                maxInFlight,
                maxInFlightBytes,
                d.receiveTimeout());
    }

    @Test
    void responsesLeaveInRequestOrderInWhateverOrderTheyAreReady() throws Exception {
        // Given
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        KafkaServer server = start(settings(), handler);
        RawClient client = connect(server);
        List<Integer> sent = new ArrayList<>();
        List<Pending> open = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            sent.add(client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat()));
        }
        for (int i = 0; i < 60; i++) {
            open.add(handler.next());
        }
        // When
        Collections.shuffle(open, new Random(seed));
        open.parallelStream().forEach(Pending::reply);
        // Then
        for (int expected : sent) {
            assertThat(client.receiveCorrelationId()).isEqualTo(expected);
        }
    }

    @Test
    void responsesThatLeaveTogetherAreObservedOneByOne() throws Exception {
        // Given
        RawClient client = connect(start(settings(), handler));
        List<Pending> open = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
            open.add(handler.next());
        }
        // When
        open.reversed().forEach(Pending::reply);
        // Then
        for (int i = 1; i <= 5; i++) {
            assertThat(client.receiveCorrelationId()).isEqualTo(i);
            assertThat(events.await("sent HEARTBEAT")).matches("sent HEARTBEAT [1-9]\\d \\d+");
        }
    }

    @Test
    void requestsReachTheHandlerInOrderAndBeforeEarlierOnesAreAnswered() throws Exception {
        RawClient client = connect(start(settings(), handler));
        for (int i = 0; i < 10; i++) {
            client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, 10_000));
        }
        for (int i = 1; i <= 10; i++) {
            assertThat(handler.next().correlationId()).isEqualTo(i);
        }
    }

    @Test
    void anAnswerGivenAtOnceIsSentAtOnce() throws Exception {
        RequestHandler immediate = (context, request, buffer) ->
                CompletableFuture.completedFuture(new HeartbeatResponse(new HeartbeatResponseData()));
        RawClient client = connect(start(settings(), immediate));
        for (int i = 1; i <= 1000; i++) {
            client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
            assertThat(client.receiveCorrelationId()).isEqualTo(i);
        }
    }

    @Test
    void aConnectionAtItsBoundOfRequestsIsNotReadUntilOneIsAnswered() throws Exception {
        // Given
        RawClient client = connect(start(settings().withRequests(limits(2, 1 << 20)), handler));
        for (int i = 0; i < 5; i++) {
            client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        }
        Pending first = handler.next();
        Pending second = handler.next();
        events.await("paused IN_FLIGHT");
        assertThat(handler.waiting()).isZero();
        // When
        second.reply();
        first.reply();
        // Then
        assertThat(client.receiveCorrelationId()).isEqualTo(1);
        assertThat(client.receiveCorrelationId()).isEqualTo(2);
        for (int i = 3; i <= 5; i++) {
            handler.next().reply();
            assertThat(client.receiveCorrelationId()).isEqualTo(i);
        }
    }

    @Test
    void aConnectionAtItsBoundOfBytesIsNotReadUntilOneIsAnswered() throws Exception {
        RawClient client = connect(start(settings().withRequests(limits(64, 15_000)), handler));
        for (int i = 0; i < 3; i++) {
            client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, 10_000));
        }
        Pending first = handler.next();
        handler.next();
        events.await("paused IN_FLIGHT");
        assertThat(handler.waiting()).isZero();
        first.reply();
        assertThat(handler.next().correlationId()).isEqualTo(3);
    }

    @Test
    void oneConnectionAtItsBoundDoesNotHoldUpAnother() throws Exception {
        KafkaServer server = start(settings().withNetworkThreads(1).withRequests(limits(1, 1 << 20)), handler);
        RawClient slow = connect(server);
        slow.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next();
        events.await("paused IN_FLIGHT");
        RawClient other = connect(server);
        other.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().reply();
        assertThat(other.receiveCorrelationId()).isEqualTo(1);
    }

    @Test
    void aThrottledConnectionIsNotReadUntilTheTimeIsOver() throws Exception {
        // Given
        RawClient client = connect(start(settings(), handler));
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        // When
        long start = System.nanoTime();
        handler.next().answer().complete(new HeartbeatResponse(new HeartbeatResponseData().setThrottleTimeMs(300)));
        HeartbeatResponse response = client.receive(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, 1);
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next();
        // Then
        assertThat(response.throttleTimeMs()).isEqualTo(300);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        events.await("paused THROTTLED");
    }

    @Test
    void whatWasSentBeforeTheClientHungUpIsStillHandled() throws Exception {
        RawClient client = connect(start(settings(), handler));
        for (int i = 0; i < 20; i++) {
            client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(0, 100));
        }
        client.close();
        for (int i = 1; i <= 20; i++) {
            Pending pending = handler.next();
            assertThat(pending.correlationId()).isEqualTo(i);
            pending.answer().complete(null);
        }
        events.await("closed");
    }

    @Test
    void timesAndSizesAreObserved() throws Exception {
        RawClient client = connect(start(settings(), handler));
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().reply();
        int bytes = Integer.BYTES + client.receiveFrame().remaining();
        events.await("opened 127.0.0.1");
        events.await("received HEARTBEAT");
        assertThat(events.await("sent HEARTBEAT " + bytes)).isNotNull();
    }
}
