package io.kafscale.app.peer;

import io.kafscale.metastore.cluster.Peer;
import io.kafscale.metastore.cluster.PeerWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to each of the brokers that are watched. Thread-safe. A broker that is watched no more, or as another incarnation or at
 * another address, loses its connection; what it reports a moment later is about an incarnation that nobody watches.
 */
public final class PeerLinks implements PeerWatch, AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);
    private static final Logger LOG = LoggerFactory.getLogger(PeerLinks.class);

    private final Dialer dialer;
    private final SplittableRandom random;
    private final Map<Peer, PeerLink> links = new HashMap<>();
    private final List<PeerLink> ending = new ArrayList<>();
    private @Nullable Reports reports;
    private boolean closed;

    /** No links yet. */
    public PeerLinks(RandomGenerator random) {
        this(Dialer.tcp(), random);
    }

    PeerLinks(Dialer dialer, RandomGenerator random) {
        this.dialer = dialer;
        this.random = new SplittableRandom(random.nextLong());
    }

    /** Says whom to report to; once, before anybody is watched. */
    public synchronized void reportTo(Reports receiver) {
        reports = receiver;
    }

    @Override
    public synchronized void watch(Set<Peer> peers) {
        Reports receiver = reports;
        if (receiver == null) {
            throw new IllegalStateException("nobody wants to hear of " + peers);
        }
        links.entrySet().removeIf(link -> {
            if (peers.contains(link.getKey())) {
                return false;
            }
            end(link.getValue());
            return true;
        });
        if (closed) {
            return;
        }
        for (Peer peer : peers) {
            links.computeIfAbsent(peer, now -> {
                var link = new PeerLink(now, dialer, receiver, random.split());
                link.start();
                return link;
            });
        }
    }

    private void end(PeerLink link) {
        ending.removeIf(PeerLink::hasEnded);
        ending.add(link);
        link.close();
    }

    /** Ends all connections and waits a moment for their threads. */
    @Override
    public void close() {
        List<PeerLink> last;
        synchronized (this) {
            closed = true;
            links.values().forEach(this::end);
            links.clear();
            last = List.copyOf(ending);
            ending.clear();
        }
        try {
            for (PeerLink link : last) {
                if (!link.awaitEnd(CLOSE_LIMIT)) {
                    LOG.warn("A thread that watched a broker has not ended yet [link={}]", link);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
