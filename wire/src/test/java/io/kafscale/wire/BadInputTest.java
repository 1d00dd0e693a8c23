package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bad input costs the connection it came on, and no other. */
class BadInputTest extends ServerFixture {
    private final ManualHandler handler = new ManualHandler();
    private KafkaServer server;
    private RawClient bystander;

    @BeforeEach
    void startWithOneThread() throws Exception {
        var d = RequestLimits.DEFAULTS;
        var limits = new RequestLimits(
                1 << 20, 1 << 20, 1 << 16, 1 << 16, d.maxInFlightPerConnection(), 1 << 20, Duration.ofMillis(250));
        server = start(settings().withNetworkThreads(1).withRequests(limits), handler);
        bystander = connect(server);
    }

    private void assertOnlyThisIsClosed(RawClient bad) throws Exception {
        assertThat(bad.isClosedByServer()).isTrue();
        int id = bystander.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().reply();
        assertThat(bystander.receiveCorrelationId()).isEqualTo(id);
        await("one connection left", () -> server.connections() == 1);
        assertThat(server.requestBytesInFlight()).isZero();
    }

    private RawClient sending(ByteBuffer bytes) throws Exception {
        RawClient client = connect(server);
        client.sendBytes(bytes);
        return client;
    }

    @Test
    void aLengthAboveTheLimit() throws Exception {
        assertOnlyThisIsClosed(sending(ByteBuffer.allocate(4).putInt(0, (1 << 20) + 1)));
    }

    @Test
    void aLengthOfTwoGibibytes() throws Exception {
        assertOnlyThisIsClosed(sending(ByteBuffer.allocate(4).putInt(0, Integer.MAX_VALUE)));
    }

    @Test
    void aNegativeLength() throws Exception {
        assertOnlyThisIsClosed(sending(ByteBuffer.allocate(4).putInt(0, -5)));
    }

    @Test
    void anEmptyFrame() throws Exception {
        assertOnlyThisIsClosed(sending(ByteBuffer.allocate(4)));
    }

    @Test
    void anotherProtocol() throws Exception {
        assertOnlyThisIsClosed(sending(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII))));
    }

    @Test
    void randomBytesInAFrame() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            byte[] garbage = new byte[64];
            random.nextBytes(garbage);
            var frame = ByteBuffer.allocate(4 + garbage.length)
                    .putInt(garbage.length)
                    .put(garbage);
            // An API key that does not exist, else garbage may happen to be a request.
            frame.putShort(4, (short) (1000 + i)).flip();
            assertOnlyThisIsClosed(sending(frame));
        }
    }

    @Test
    void aBodyThatIsNotWhatTheHeaderSays() throws Exception {
        var frame = RawClient.frame(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat(), 1);
        var cut = ByteBuffer.allocate(frame.remaining() - 8)
                .put(frame.slice(0, frame.remaining() - 8))
                .flip();
        cut.putInt(0, cut.remaining() - 4);
        assertOnlyThisIsClosed(sending(cut));
        events.await("rejected");
    }

    @Test
    void anApiThatIsNotServed() throws Exception {
        assertOnlyThisIsClosed(
                sending(RawClient.frame(ApiKeys.CREATE_TOPICS, (short) 7, new CreateTopicsRequestData(), 1)));
        assertThat(events.await("rejected")).contains("CREATE_TOPICS");
    }

    @Test
    void aVersionThatDoesNotExist() throws Exception {
        var frame = RawClient.frame(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat(), 1);
        frame.putShort(Integer.BYTES + Short.BYTES, (short) 77);
        assertOnlyThisIsClosed(sending(frame));
        assertThat(events.await("rejected")).contains("77");
    }

    @Test
    void aRequestThatIsAnnouncedAndNeverArrives() throws Exception {
        assertOnlyThisIsClosed(sending(ByteBuffer.allocate(100).putInt(0, 1 << 19)));
        assertThat(events.await("rejected")).contains("longer to arrive");
    }
}
