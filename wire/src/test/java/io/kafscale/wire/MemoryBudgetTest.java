package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static io.kafscale.wire.Requests.PRODUCE_VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.wire.ManualHandler.Pending;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest extends ServerFixture {
    private static final int MIB = 1 << 20;
    private final ManualHandler handler = new ManualHandler();
    private KafkaServer server;

    @BeforeEach
    void startWithTwoMebibytes() throws Exception {
        var limits = new RequestLimits(2 * MIB, 2 * MIB, MIB / 4, MIB / 16, 64, 8 * MIB, Duration.ofSeconds(60));
        server = start(settings().withRequests(limits), handler);
    }

    private RawClient producing(int recordBytes) throws Exception {
        RawClient client = connect(server);
        client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, recordBytes));
        return client;
    }

    private void assertHeartbeatIsServed() throws Exception {
        RawClient client = connect(server);
        int id = client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        Pending pending = handler.next();
        assertThat(pending.context().header.apiKey()).isEqualTo(ApiKeys.HEARTBEAT);
        pending.reply();
        assertThat(client.receiveCorrelationId()).isEqualTo(id);
    }

    @Test
    void aSpentBudgetHoldsUpLargeRequestsButNotHeartbeatsAndRecovers() throws Exception {
        // Given
        RawClient first = producing(3 * MIB / 2);
        Pending open = handler.next();
        // When
        RawClient second = producing(MIB);
        RawClient third = producing(MIB / 2 + MIB / 4);
        events.await("paused MEMORY");
        events.await("paused MEMORY");
        assertThat(handler.waiting()).isZero();
        for (int i = 0; i < 50; i++) {
            assertHeartbeatIsServed();
        }
        // Then
        open.reply();
        assertThat(first.receiveCorrelationId()).isEqualTo(1);
        handler.next().reply();
        handler.next().reply();
        assertThat(second.receiveCorrelationId()).isEqualTo(1);
        assertThat(third.receiveCorrelationId()).isEqualTo(1);
        await("budget free again", () -> server.requestBytesInFlight() == 0);
    }

    @Test
    void aBufferThatTheHandlerRetainsCountsUntilItIsReleased() throws Exception {
        RawClient first = producing(3 * MIB / 2);
        Pending open = handler.next();
        RequestBuffer kept = open.buffer().retain();
        open.reply();
        assertThat(first.receiveCorrelationId()).isEqualTo(1);
        events.await("sent PRODUCE");
        assertThat(server.requestBytesInFlight()).isEqualTo(kept.sizeInBytes()).isGreaterThan(3 * MIB / 2);

        RawClient second = producing(MIB);
        events.await("paused MEMORY");
        assertThat(handler.waiting()).isZero();
        kept.release();
        handler.next().reply();
        assertThat(second.receiveCorrelationId()).isEqualTo(1);
        assertThatThrownBy(kept::retain).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(kept::release).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoAnnouncesMuchAndSendsLittleDoesNotKeepOthersFromProducing() throws Exception {
        // Given a connection that holds the whole budget and has sent four bytes
        var limits = new RequestLimits(2 * MIB, 2 * MIB, MIB / 4, MIB / 16, 64, 8 * MIB, Duration.ofSeconds(6));
        KafkaServer another = start(settings().withRequests(limits), handler);
        RawClient hog = connect(another);
        hog.sendBytes(ByteBuffer.allocate(8).putInt(0, 2 * MIB));
        await("bytes reserved", () -> another.requestBytesInFlight() == 2 * MIB);

        // When
        RawClient honest = connect(another);
        honest.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, MIB));

        // Then
        handler.next().reply();
        assertThat(honest.receiveCorrelationId()).isEqualTo(1);
        assertThat(events.await("rejected")).contains("others wait");
    }

    @Test
    void requestsWithoutBytesHoldNothingWhileTheyAreOpen() throws Exception {
        RawClient client = connect(server);
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next();
        await("no bytes held", () -> server.requestBytesInFlight() == 0);
    }

    @Test
    void anOpenRequestCountsAlsoWhenItsConnectionIsGone() throws Exception {
        RawClient client = producing(MIB);
        Pending open = handler.next();
        client.close();
        events.await("closed");
        assertThat(server.requestBytesInFlight()).isGreaterThan(MIB);
        open.reply();
        await("budget free again", () -> server.requestBytesInFlight() == 0);
    }

    @Test
    void aConnectionThatHangsUpInTheMiddleOfARequestGivesItsBytesBack() throws Exception {
        RawClient client = connect(server);
        client.sendBytes(ByteBuffer.allocate(1000).putInt(0, MIB));
        await("bytes reserved", () -> server.requestBytesInFlight() == MIB);
        client.close();
        await("budget free again", () -> server.requestBytesInFlight() == 0);
    }

    @Test
    void oneThatHangsUpWhileItWaitsLetsTheNextThrough() throws Exception {
        producing(3 * MIB / 2);
        Pending open = handler.next();
        RawClient waiting = producing(3 * MIB / 2);
        events.await("paused MEMORY");
        RawClient next = producing(MIB);
        events.await("paused MEMORY");
        waiting.close();
        open.reply();
        // The one that hung up may still deliver its request: it had sent all of it.
        Pending pending = handler.next();
        while (pending.buffer().sizeInBytes() > 5 * MIB / 4) {
            pending.reply();
            pending = handler.next();
        }
        pending.reply();
        assertThat(next.receiveCorrelationId()).isEqualTo(1);
        await("budget free again", () -> server.requestBytesInFlight() == 0);
    }
}
