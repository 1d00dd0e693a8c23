package io.kafscale.testkit.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection through a {@link TcpProxy}: a socket to the client, one to the server, and a {@link Pump} each way. Ends when both
 * ways have ended, or with a reset. Thread-safe.
 */
final class ProxiedConnection {
    private static final Logger log = LoggerFactory.getLogger(ProxiedConnection.class);

    private final Socket client;
    private final Socket server = new Socket();
    private final Link link;
    private final Consumer<ProxiedConnection> onEnd;
    private final Thread opener;
    private final Pump requests;
    private final Pump answers;
    private final AtomicInteger openWays = new AtomicInteger(2);

    /** A connection of {@code client} that is not open yet. {@code onEnd} may run more than once. */
    ProxiedConnection(Socket client, InetSocketAddress target, Link link, Consumer<ProxiedConnection> onEnd) {
        this.client = client;
        this.link = link;
        this.onEnd = onEnd;
        this.requests = new Pump(Direction.TO_SERVER, link, client, server, this::wayEnded, this::reset);
        this.answers = new Pump(Direction.TO_CLIENT, link, server, client, this::wayEnded, this::reset);
        this.opener = Thread.ofVirtual().name("tcp-proxy-open").unstarted(() -> open(target));
    }

    /** Connects to the server, as soon as the link lets that pass, and lets bytes flow. Returns at once. */
    void start() {
        opener.start();
    }

    private void open(InetSocketAddress target) {
        try {
            link.awaitPassage(Direction.TO_SERVER, link.arrivalNanos());
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(target);
            requests.start();
            answers.start();
        } catch (IOException unreachable) {
            log.debug("{} cannot be reached", target, unreachable);
            reset();
        } catch (InterruptedException given) {
            Thread.currentThread().interrupt();
        }
    }

    private void wayEnded() {
        if (openWays.decrementAndGet() == 0) {
            close(client);
            close(server);
            onEnd.accept(this);
        }
    }

    /** Drops it as a failing network does: both ends see a reset, whatever was under way is lost. */
    void reset() {
        // First the sockets: an interrupted virtual thread closes the one it reads, and that is no reset.
        abort(client);
        abort(server);
        opener.interrupt();
        requests.stop();
        answers.stop();
        onEnd.accept(this);
    }

    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException closedAlready) {
            log.trace("closed already", closedAlready);
        }
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            log.debug("a socket could not be closed", failed);
        }
    }
}
