package io.kafscale.wire;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening Kafka server: one acceptor thread and a few network threads, which decode requests for a
 * {@link RequestHandler} and write its responses in request order. Thread-safe.
 *
 * <pre>{@code
 * try (var server = KafkaServer.of(settings, versions, handler).observedBy(metrics).start()) {
 *     server.boundAddress();
 * }
 * }</pre>
 */
public final class KafkaServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaServer.class);

    private final ServerContext server;
    private final InetSocketAddress boundAddress;
    private final SelectorFactory selectors;
    private final List<NetworkThread> threads;
    private final Acceptor acceptor;

    private KafkaServer(
            ServerContext server,
            InetSocketAddress boundAddress,
            SelectorFactory selectors,
            List<NetworkThread> threads,
            Acceptor acceptor) {
        this.server = server;
        this.boundAddress = boundAddress;
        this.selectors = selectors;
        this.threads = threads;
        this.acceptor = acceptor;
    }

    /** A server to be started: settings a user tunes, and the parts it works with. */
    public static Unstarted of(ServerSettings settings, ApiVersionTable versions, RequestHandler handler) {
        return new Unstarted(settings, versions, handler, NetworkListener.NONE, new CredentialCache());
    }

    /** The address the server listens on, with the port that was chosen if the settings left that open. */
    public InetSocketAddress boundAddress() {
        return boundAddress;
    }

    /** Connections now. */
    public int connections() {
        return server.quota().connections();
    }

    /** Bytes of requests held in memory now: read or being read, until answered and let go by their handler. */
    public long requestBytesInFlight() {
        return server.memory().usedBytes();
    }

    /** Closes with the drain timeout of the settings. */
    @Override
    public void close() {
        close(server.settings().drainTimeout());
    }

    /**
     * Accepts no further connection and reads no further request, waits for the answers to those that were read, at most
     * for the given time, and closes all connections. Returns when all threads have ended; not to be called on one of
     * them. An interrupt ends the wait for answers.
     */
    public void close(Duration drainTimeout) {
        boolean interrupted = false;
        while (true) {
            try {
                acceptor.close();
                long now = server.time().nanoseconds();
                long deadline = interrupted ? now : now + drainTimeout.toNanos();
                for (NetworkThread thread : threads) {
                    thread.close(deadline);
                }
                for (NetworkThread thread : threads) {
                    thread.join();
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        selectors.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The parts of a server before it listens. Immutable.
     *
     * @param settings what a user tunes
     * @param versions the APIs and versions let through to the handler
     * @param handler answers requests
     * @param listener observes
     * @param credentials where SCRAM looks up users, see Kafka's {@code ScramCredentialUtils}
     */
    public record Unstarted(
            ServerSettings settings,
            ApiVersionTable versions,
            RequestHandler handler,
            NetworkListener listener,
            CredentialCache credentials) {

        /** With an observer. */
        public Unstarted observedBy(NetworkListener observer) {
            return new Unstarted(settings, versions, handler, observer, credentials);
        }

        /** With SCRAM credentials; the cache may change while the server runs. */
        public Unstarted withCredentials(CredentialCache cache) {
            return new Unstarted(settings, versions, handler, listener, cache);
        }

        /**
         * Binds the address and serves.
         *
         * @throws IOException if the address cannot be bound; the message says which and why
         * @throws IllegalArgumentException if the security settings do not work; the message says why
         */
        public KafkaServer start() throws IOException {
            Time time = Time.SYSTEM;
            var log = new ThrottledLog(LOG, time::nanoseconds);
            var server = new ServerContext(
                    settings,
                    handler,
                    new RequestIntake(settings.listener(), versions),
                    new ResponseEncoder(log),
                    new RequestMemory(settings.requests()),
                    new ConnectionQuota(settings.connections()),
                    listener,
                    new ServerContext.Environment(time, log));
            var selectors = new SelectorFactory(server, versions, credentials);
            ServerSocketChannel socket = bind(settings);
            List<NetworkThread> threads = new ArrayList<>();
            try {
                for (int i = 0; i < settings.networkThreads(); i++) {
                    threads.add(new NetworkThread(server, selectors, i));
                }
            } catch (RuntimeException e) {
                threads.forEach(NetworkThread::discard);
                selectors.close();
                Utils.closeQuietly(socket, "server socket");
                throw new IllegalArgumentException(
                        "the security settings of listener "
                                + settings.listener().name() + " do not work: " + rootMessage(e),
                        e);
            }
            var acceptor = new Acceptor(socket, server, threads);
            var address = (InetSocketAddress) socket.getLocalAddress();
            threads.forEach(NetworkThread::start);
            acceptor.start();
            return new KafkaServer(server, address, selectors, List.copyOf(threads), acceptor);
        }

        private static ServerSocketChannel bind(ServerSettings settings) throws IOException {
            String host = settings.listener().host();
            int port = settings.listener().port();
            var address = host.isBlank() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new IOException("cannot listen on " + host + ":" + port + ": the host name cannot be resolved");
            }
            ServerSocketChannel socket = ServerSocketChannel.open();
            try {
                int receiveBufferBytes = settings.connections().receiveBufferBytes();
                if (receiveBufferBytes > 0) {
                    socket.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
                }
                return socket.bind(address, settings.connections().backlog());
            } catch (IOException e) {
                Utils.closeQuietly(socket, "server socket");
                String hint = e instanceof BindException ? "; is another process using it?" : "";
                throw new IOException("cannot listen on " + host + ":" + port + ": " + e.getMessage() + hint, e);
            }
        }

        private static String rootMessage(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return String.valueOf(root.getMessage());
        }
    }
}
