package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static io.kafscale.wire.Requests.PRODUCE_VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.wire.ManualHandler.Pending;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;

class LifecycleTest extends ServerFixture {
    private final ManualHandler handler = new ManualHandler();

    private static ServerSettings on(ListenerSettings listener) {
        return ServerSettings.on(listener).withDrainTimeout(Duration.ZERO);
    }

    @Test
    void aPortInUseIsSaidAtOnce() throws Exception {
        int port = start(settings(), handler).boundAddress().getPort();
        assertThat(port).isPositive();
        assertThatThrownBy(() -> start(on(ListenerSettings.plaintext("127.0.0.1", port)), handler))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on 127.0.0.1:" + port
                        + ": Address already in use; is another process using it?");
    }

    @Test
    void aHostThatDoesNotExistIsSaidAtOnce() {
        assertThatThrownBy(() -> start(on(ListenerSettings.plaintext("no-such-host.invalid", 0)), handler))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on no-such-host.invalid:0: the host name cannot be resolved");
    }

    @Test
    void anAddressOfAnotherMachineIsSaidAtOnce() {
        assertThatThrownBy(() -> start(on(ListenerSettings.plaintext("192.0.2.1", 0)), handler))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot listen on 192.0.2.1:0: ");
    }

    @Test
    void securitySettingsThatDoNotWorkAreSaidAtOnce() throws Exception {
        var listener = new ListenerSettings(
                "TLS",
                "127.0.0.1",
                0,
                SecurityProtocol.SSL,
                Map.of("ssl.keystore.location", "/no/such/file", "ssl.keystore.password", "x"));
        assertThatThrownBy(() -> start(on(listener), handler))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("listener TLS")
                .hasMessageContaining("/no/such/file");
    }

    @Test
    void aServerThatDoesNotStartFreesThePort() throws Exception {
        KafkaServer first = start(settings(), handler);
        int port = first.boundAddress().getPort();
        first.close();
        var withoutUsers = new ListenerSettings(
                "SASL", "127.0.0.1", port, SecurityProtocol.SASL_PLAINTEXT, Map.of("sasl.enabled.mechanisms", "PLAIN"));
        assertThatThrownBy(() -> start(on(withoutUsers), handler))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("listener SASL")
                .hasMessageContaining("JAAS");
        KafkaServer second = start(on(ListenerSettings.plaintext("127.0.0.1", port)), handler);
        assertThat(second.boundAddress().getPort()).isEqualTo(port);
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new RequestLimits(100, 99, 100, 10, 1, 1, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("totalBytes 99");
        assertThatThrownBy(() -> new RequestLimits(100, 100, 9, 10, 1, 1, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reserveBytes 9");
        assertThatThrownBy(() -> new RequestLimits(100, 100, 10, 10, 0, 1, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings().withNetworkThreads(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ListenerSettings.plaintext("h", 65_536)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closeLetsRequestsInFlightFinish() throws Exception {
        // Given
        KafkaServer server = start(settings(), handler);
        RawClient busy = connect(server);
        RawClient idle = connect(server);
        busy.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        busy.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        Pending first = handler.next();
        Pending second = handler.next();
        // When
        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> server.close(Duration.ofSeconds(20)));
        assertThat(idle.isClosedByServer()).isTrue();
        events.await("paused DRAINING");
        assertThat(closing).isNotDone();
        busy.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        second.reply();
        first.reply();
        // Then
        assertThat(busy.receiveCorrelationId()).isEqualTo(1);
        closing.get(20, TimeUnit.SECONDS);
        assertThat(handler.waiting()).as("a request sent after the close").isZero();
        assertThatThrownBy(() -> connect(server)).isInstanceOf(ConnectException.class);
        assertThat(server.connections()).isZero();
        server.close();
    }

    @Test
    void closeWaitsNoLongerThanItsTimeout() throws Exception {
        // Given
        KafkaServer server = start(settings(), handler);
        RawClient client = connect(server);
        client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, 1000));
        Pending open = handler.next();
        var over = new CountDownLatch(1);
        open.buffer().onAnswered(over::countDown);
        // When
        server.close(Duration.ofMillis(50));
        // Then
        assertThat(client.isClosedByServer()).isTrue();
        assertThat(server.requestBytesInFlight()).isPositive();
        open.reply();
        assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(server.requestBytesInFlight()).isZero();
    }

    @Test
    void idleConnectionsAreClosedAndBusyOnesNot() throws Exception {
        var d = ConnectionLimits.DEFAULTS;
        var limits = new ConnectionLimits(
                d.maxConnections(), 10, Duration.ofMillis(300), d.failedAuthenticationDelay(), 50, -1, -1);
        KafkaServer server = start(settings().withNetworkThreads(1).withConnections(limits), handler);
        RawClient idle = connect(server);
        RawClient alsoIdle = connect(server);
        RawClient busy = connect(server);
        await("idle ones closed", () -> {
            try {
                int id = busy.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
                handler.next().reply();
                assertThat(busy.receiveCorrelationId()).isEqualTo(id);
                return server.connections() == 1;
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(idle.isClosedByServer()).isTrue();
        assertThat(alsoIdle.isClosedByServer()).isTrue();
    }

    @Test
    void connectionsBeyondTheLimitAreRefusedAndMakeRoomWhenOthersLeave() throws Exception {
        var d = ConnectionLimits.DEFAULTS;
        var limits = new ConnectionLimits(2, 2, d.maxIdle(), d.failedAuthenticationDelay(), 50, 65_536, 65_536);
        KafkaServer server = start(settings().withConnections(limits), handler);
        RawClient first = connect(server);
        connect(server);
        RawClient third = connect(server);
        assertThat(third.isClosedByServer()).isTrue();
        events.await("refused");
        first.close();
        await("room", () -> server.connections() < 2);
        RawClient fourth = connect(server);
        fourth.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().reply();
        assertThat(fourth.receiveCorrelationId()).isEqualTo(1);
    }

    @Test
    void connectionsAreLimitedByAddressToo() throws Exception {
        var d = ConnectionLimits.DEFAULTS;
        var limits = new ConnectionLimits(10, 1, d.maxIdle(), d.failedAuthenticationDelay(), 50, -1, -1);
        KafkaServer server = start(settings().withConnections(limits), handler);
        connect(server);
        assertThat(connect(server).isClosedByServer()).isTrue();
    }
}
