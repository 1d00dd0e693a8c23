package io.kafscale.app.peer;

import io.kafscale.metastore.cluster.Peer;
import io.kafscale.metastore.cluster.PeerWatch.Reports;
import io.kafscale.runtime.Backoff;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one broker, on a virtual thread of its own until it is closed. While it stands there is nothing to do but to wait
 * for its end. Then it is opened again at once: a broker that closes idle connections accepts the next, one whose process is gone
 * refuses it, twice. A connection that is neither accepted nor refused says nothing, and ends what a refusal before it
 * said. Nor does a refusal at an address that never accepted one before: it may be one that clients reach and brokers do not.
 */
final class PeerLink implements Runnable {
    private static final Duration CONFIRM_AFTER = Duration.ofMillis(20);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

    /** A connection that ends sooner is no reason to hurry with the next. */
    private static final Duration SHORT_LIFE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);

    private final Peer peer;
    private final Dialer dialer;
    private final Reports reports;
    private final RandomGenerator random;
    private final Thread thread;
    private boolean wasConnected;
    private volatile boolean closed;

    /**
     * A link that is not started.
     *
     * @param random used on the link's thread
     */
    PeerLink(Peer peer, Dialer dialer, Reports reports, RandomGenerator random) {
        this.peer = peer;
        this.dialer = dialer;
        this.reports = reports;
        this.random = random;
        this.thread = Thread.ofVirtual().name("peer " + peer.incarnation()).unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** Ends the connection and the thread; does not wait for it. */
    void close() {
        closed = true;
        thread.interrupt(); // ends whatever it blocks in, sockets included
    }

    /** Waits for the end of the thread after {@link #close()}. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return thread.join(limit);
    }

    boolean hasEnded() {
        return !thread.isAlive();
    }

    @Override
    public String toString() {
        return peer.toString();
    }

    @Override
    public void run() {
        int failures = 0;
        try {
            while (!closed) {
                failures = connectOnce() ? 0 : failures + 1;
                if (failures > 0) {
                    pause(RETRY.delay(failures - 1, random));
                }
            }
        } catch (InterruptedException ending) {
            LOG.debug("Ended [peer={}]", peer.incarnation());
        }
    }

    /**
     * Connects, and stays until the connection ends.
     *
     * @return whether to connect again at once
     */
    private boolean connectOnce() throws InterruptedException {
        long sinceNanos = System.nanoTime();
        try (Socket socket = dialer.dial(peer.host(), peer.port())) {
            wasConnected = true;
            reports.reachable(peer.incarnation());
            awaitEnd(socket);
        } catch (Dialer.RefusedException refused) {
            refused(refused);
            return false;
        } catch (IOException unreachable) {
            unclear(unreachable);
            return false;
        }
        return System.nanoTime() - sinceNanos > SHORT_LIFE.toNanos();
    }

    /** A broker says nothing to a connection that says nothing; whatever comes is not for us. */
    private void awaitEnd(Socket socket) {
        byte[] ignored = new byte[64];
        try (InputStream input = socket.getInputStream()) {
            while (input.read(ignored) >= 0) {
                LOG.debug("Bytes nobody asked for [peer={}]", peer.incarnation());
            }
        } catch (IOException reset) {
            LOG.debug("A connection ended [peer={}]", peer.incarnation(), reset);
        }
    }

    private void refused(Dialer.RefusedException first) throws InterruptedException {
        LOG.debug("Refused [peer={}]", peer.incarnation(), first);
        if (!wasConnected) {
            return;
        }
        pause(CONFIRM_AFTER);
        try (Socket _ = dialer.dial(peer.host(), peer.port())) {
            reports.reachable(peer.incarnation());
        } catch (Dialer.RefusedException again) {
            if (!closed) {
                reports.refused(peer.incarnation());
            }
        } catch (IOException unclear) {
            unclear(unclear);
        }
    }

    private void unclear(IOException failure) {
        LOG.debug("Cannot reach a broker [peer={}]", peer, failure);
        if (!closed) {
            reports.unclear(peer.incarnation());
        }
    }

    private static void pause(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
    }
}
