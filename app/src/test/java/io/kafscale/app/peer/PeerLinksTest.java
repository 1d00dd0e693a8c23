package io.kafscale.app.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.Peer;
import io.kafscale.metastore.cluster.PeerWatch.Reports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PeerLinksTest {
    private static final BrokerIncarnation ONE = new BrokerIncarnation(1, 10);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> unclear = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> dialled = new LinkedBlockingQueue<>();
    private final PeerLinks links = new PeerLinks(this::dial, new SplittableRandom(1));

    PeerLinksTest() {
        links.reportTo(new Reports() {
            @Override
            public void refused(BrokerIncarnation peer) {
                reports.add("refused " + peer);
            }

            @Override
            public void unclear(BrokerIncarnation peer) {
                unclear.add("unclear " + peer);
            }

            @Override
            public void reachable(BrokerIncarnation peer) {
                reports.add("reachable " + peer);
            }
        });
    }

    @AfterEach
    void endLinks() {
        links.close();
    }

    /** Over TCP, noting what became of each attempt. */
    private Socket dial(String host, int port) throws IOException {
        try {
            Socket socket = Dialer.tcp().dial(host, port);
            dialled.add("accepted");
            return socket;
        } catch (Dialer.RefusedException refused) {
            dialled.add("refused");
            throw refused;
        } catch (IOException other) {
            dialled.add("unclear");
            throw other;
        }
    }

    @Test
    void aProcessThatIsKilledRefuses() throws Exception {
        try (var process = ListeningProcess.start()) {
            watch(process.port());
            assertThat(nextReport()).isEqualTo("reachable 1-10");
            long killed = System.nanoTime();
            process.kill();
            assertThat(nextReport()).isEqualTo("refused 1-10");
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aProcessThatStandsStillIsAccusedOfNothing() throws Exception {
        try (var process = ListeningProcess.start()) {
            watch(process.port());
            assertThat(nextReport()).isEqualTo("reachable 1-10");
            process.stop();
            // The kernel accepts in its place: a link made now stands like one made before.
            links.watch(Set.of());
            watch(process.port());
            assertThat(nextReport()).isEqualTo("reachable 1-10");
            assertThat(List.copyOf(dialled)).containsOnly("accepted");
        }
    }

    @Test
    void aBrokerThatOnlyClosesItsConnectionsIsAlive() throws Exception {
        try (var server = listen(50)) {
            watch(server.getLocalPort());
            for (int i = 0; i < 3; i++) {
                assertThat(nextReport()).isEqualTo("reachable 1-10");
                server.accept().close();
            }
            assertThat(nextReport()).isEqualTo("reachable 1-10");
            assertThat(List.copyOf(dialled)).containsOnly("accepted");
        }
    }

    /** It was reached, and is reported to refuse now. */
    private int portThatHasBegunToRefuse() throws Exception {
        int port;
        try (var server = listen(50)) {
            port = server.getLocalPort();
            watch(port);
            assertThat(nextReport()).isEqualTo("reachable 1-10");
            server.accept().close();
        }
        String report = nextReport();
        while (report.startsWith("reachable")) { // the backlog may have taken one more before it closed
            report = nextReport();
        }
        assertThat(report).isEqualTo("refused 1-10");
        return port;
    }

    @Test
    void whoAcceptsAgainIsReachableAgain() throws Exception {
        int port = portThatHasBegunToRefuse();
        try (var _ = listen(port, 50)) {
            String report = nextReport();
            while (report.startsWith("refused")) {
                report = nextReport();
            }
            assertThat(report).isEqualTo("reachable 1-10");
        }
    }

    @Test
    void anAddressThatNeverAcceptedSaysNothingByRefusing() throws Exception {
        int port;
        try (var server = listen(50)) {
            port = server.getLocalPort();
        }
        watch(port);
        for (int i = 0; i < 5; i++) {
            assertThat(nextAttempt()).isEqualTo("refused");
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void silenceSaysNothing() throws Exception {
        // Given a port whose backlog is full, so that the kernel drops whatever else comes
        List<Socket> queued = new ArrayList<>();
        try (var server = listen(1)) {
            fillBacklog(server, queued);
            // When
            watch(server.getLocalPort());
            // Then
            for (int i = 0; i < 2; i++) {
                assertThat(nextAttempt()).isEqualTo("unclear");
            }
            assertThat(next(unclear, "report")).isEqualTo("unclear 1-10");
            assertThat(reports).isEmpty();
        } finally {
            for (Socket socket : queued) {
                socket.close();
            }
        }
    }

    @Test
    void whoRefusedAndIsSilentNowIsSaidToBeSo() throws Exception {
        int port = portThatHasBegunToRefuse();
        List<Socket> queued = new ArrayList<>();
        try (var server = listen(port, 1)) {
            fillBacklog(server, queued);
            assertThat(next(unclear, "report")).isEqualTo("unclear 1-10");
        } finally {
            for (Socket socket : queued) {
                socket.close();
            }
        }
    }

    @Test
    void anUnknownHostSaysNothing() throws Exception {
        links.watch(Set.of(new Peer(ONE, "no-such-host.invalid", 9092)));
        assertThat(nextAttempt()).isEqualTo("unclear");
        assertThat(nextAttempt()).isEqualTo("unclear");
        assertThat(reports).isEmpty();
    }

    @Test
    void whoIsNotWatchedAnyMoreIsLeftAlone() throws Exception {
        try (var server = listen(50)) {
            watch(server.getLocalPort());
            Socket accepted = server.accept();
            assertThat(nextReport()).isEqualTo("reachable 1-10");

            links.watch(Set.of());

            assertThat(accepted.getInputStream().read())
                    .as("end of the connection")
                    .isEqualTo(-1);
            links.close();
            assertThat(reports).isEmpty();
        }
    }

    @Test
    void anIncarnationThatTakesThePlaceOfAnotherGetsALinkOfItsOwn() throws Exception {
        try (var server = listen(50)) {
            watch(server.getLocalPort());
            assertThat(nextReport()).isEqualTo("reachable 1-10");
            Peer later = new Peer(new BrokerIncarnation(1, 11), host(), server.getLocalPort());
            links.watch(Set.of(later));
            assertThat(nextReport()).isEqualTo("reachable 1-11");
            links.watch(Set.of(later));
            links.close();
            assertThat(List.copyOf(dialled)).containsExactly("accepted", "accepted");
        }
    }

    private void watch(int port) {
        links.watch(Set.of(new Peer(ONE, host(), port)));
    }

    private static String host() {
        return InetAddress.getLoopbackAddress().getHostAddress();
    }

    private static ServerSocket listen(int backlog) throws IOException {
        return listen(0, backlog);
    }

    private static ServerSocket listen(int port, int backlog) throws IOException {
        var server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), backlog);
        return server;
    }

    private static void fillBacklog(ServerSocket server, List<Socket> queued) throws IOException {
        while (true) {
            var socket = new Socket();
            try {
                socket.connect(server.getLocalSocketAddress(), 500);
                queued.add(socket);
            } catch (java.net.SocketTimeoutException full) {
                socket.close();
                return;
            }
        }
    }

    private String nextReport() throws InterruptedException {
        return next(reports, "report");
    }

    private String nextAttempt() throws InterruptedException {
        return next(dialled, "attempt");
    }

    private static String next(BlockingQueue<String> queue, String what) throws InterruptedException {
        String next = queue.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(next).as("the next " + what).isNotNull();
        return String.valueOf(next);
    }
}
