package io.kafscale.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TcpProxyTest {
    private static final Duration A_WHILE = Duration.ofMillis(150);

    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        proxy = TcpProxy.to(server.getLocalPort());
        Thread.ofVirtual().start(this::echo);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void bytesPassBothWays() throws IOException {
        try (Socket client = connect()) {
            // When
            send(client, "hello");
            // Then
            assertThat(receive(client, 5)).isEqualTo("hello");
        }
    }

    @Test
    void nothingOfALargeStreamIsLostAndItsEndArrives() throws Exception {
        // Given
        byte[] much = new byte[5 << 20];
        new Random(1).nextBytes(much);
        try (Socket client = connect()) {
            var sending = CompletableFuture.runAsync(() -> sendAndEnd(client, much));
            // When
            byte[] back = client.getInputStream().readAllBytes();
            // Then
            sending.get(30, TimeUnit.SECONDS);
            assertThat(back).isEqualTo(much);
        }
    }

    @Test
    void aDelayAppliesToEachWayAndNotToEachChunk() throws IOException {
        // Given
        proxy.delay(A_WHILE);
        try (Socket client = connect()) {
            Instant start = Instant.now();
            // When
            for (int i = 0; i < 20; i++) {
                send(client, "x");
            }
            receive(client, 20);
            // Then: there and back, besides the opening
            assertThat(Duration.between(start, Instant.now()))
                    .isBetween(A_WHILE.multipliedBy(2), A_WHILE.multipliedBy(20));
        }
    }

    @Test
    void whatIsHeldArrivesWhenTheNetworkIsHealed() throws IOException {
        try (Socket client = connect()) {
            send(client, "a");
            receive(client, 1);
            // Given
            proxy.holdAll();
            send(client, "bc");
            assertNothingComes(client);
            // When
            proxy.heal();
            // Then
            assertThat(receive(client, 2)).isEqualTo("bc");
        }
    }

    @Test
    void requestsCanArriveThoughAnswersDoNot() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                TcpProxy way = TcpProxy.to(silent.getLocalPort());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), way.port());
                Socket served = silent.accept()) {
            // Given
            way.hold(Direction.TO_CLIENT);
            // When
            send(client, "request");
            String arrived = receive(served, 7);
            send(served, "answer");
            // Then
            assertThat(arrived).isEqualTo("request");
            assertNothingComes(client);
            way.heal();
            assertThat(receive(client, 6)).isEqualTo("answer");
        }
    }

    @Test
    void aConnectionIntoABlackHoleSeemsToSucceedAndReachesTheServerLater() throws IOException {
        // Given
        proxy.holdAll();
        try (Socket client = connect()) {
            send(client, "late");
            assertNothingComes(client);
            // When
            proxy.heal();
            // Then
            assertThat(receive(client, 4)).isEqualTo("late");
        }
    }

    @Test
    void aCutResetsWhatIsThereAndWhatComes() throws IOException {
        try (Socket client = connect()) {
            send(client, "a");
            receive(client, 1);
            // When
            proxy.cut();
            // Then
            assertThatThrownBy(() -> receive(client, 1)).isInstanceOf(SocketException.class);
        }
        try (Socket another = connect()) {
            assertThatThrownBy(() -> receive(another, 1)).isInstanceOf(SocketException.class);
        }
        proxy.heal();
        try (Socket later = connect()) {
            send(later, "b");
            assertThat(receive(later, 1)).isEqualTo("b");
        }
    }

    @Test
    void aResetEndsWhatIsHeldAndLetsNewConnectionsPass() throws IOException {
        try (Socket client = connect()) {
            send(client, "a");
            receive(client, 1);
            proxy.holdAll();
            send(client, "lost");
            // When
            proxy.reset();
            proxy.heal();
            // Then
            assertThatThrownBy(() -> receive(client, 1)).isInstanceOf(SocketException.class);
        }
        try (Socket later = connect()) {
            send(later, "b");
            assertThat(receive(later, 1)).isEqualTo("b");
        }
        assertThat(proxy.connections()).isLessThanOrEqualTo(1);
    }

    @Test
    void anAbsentServerIsAResetConnection() throws IOException {
        // Given
        server.close();
        // When
        try (Socket client = connect()) {
            // Then
            assertThatThrownBy(() -> receive(client, 1)).isInstanceOf(SocketException.class);
        }
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setTcpNoDelay(true);
        return socket;
    }

    private void echo() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                Thread.ofVirtual().start(() -> echo(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void echo(Socket connection) {
        try (connection) {
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException reset) {
            // The client's side sees it, too, and that is what is asserted.
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static void sendAndEnd(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static String receive(Socket socket, int count) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = in.readNBytes(count);
        assertThat(bytes).as("bytes before the end").hasSize(count);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static void assertNothingComes(Socket socket) throws IOException {
        socket.setSoTimeout((int) A_WHILE.toMillis());
        try {
            int first = socket.getInputStream().read();
            throw new AssertionError("this came: " + first);
        } catch (SocketTimeoutException nothing) {
            socket.setSoTimeout(0);
        }
    }
}
