package io.kafscale.metastore.cluster;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out that a broker is dead before its lease has run out. While this broker is at work it keeps in touch with all others that
 * serve; whoever refuses connections, for as long as it does so, is published as its suspect, and whoever two brokers suspect (one
 * where only two are registered) has its registration removed by one of them, in a transaction that compares the registration, the suspicions and the
 * registrations of those who hold them. A broker that is still starting is no suspect, nor is one that merely does not answer; after
 * a break in its contact with the metadata store this broker suspects and judges nobody for one time to live.
 *
 * <p>A wrong verdict costs a takeover, never a record: a broker is dead only when its stream is sealed. Reports may come from any
 * thread, everything else happens on the loop of the access.
 */
public final class FailureDetector implements PeerWatch.Reports, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FailureDetector.class);
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration RETRY_TOO_SOON = Duration.ofSeconds(1);

    private final MetadataAccess access;
    private final ImageKeeper images;
    private final Supplier<Optional<BrokerIncarnation>> self;
    private final PeerWatch watch;
    private final OnLoop onLoop;
    private final BrokerRegistry registry;
    private final SuspicionStore store;
    private final StoreContact contact;
    private final Set<BrokerIncarnation> refusing = new HashSet<>();
    private final Set<BrokerIncarnation> beingEvicted = new HashSet<>();
    private Set<Peer> peers = Set.of();
    private boolean publishing;
    private EventLoop.@Nullable Timer retry;
    private boolean closed;

    /**
     * A detector that {@link #start} begins.
     *
     * @param images on the loop of the access
     * @param self the incarnation at work in this process, if there is one; asked on the loop
     * @param watch reports to this
     * @param timeToLive of registrations
     */
    public FailureDetector(
            MetadataAccess access,
            ImageKeeper images,
            Supplier<Optional<BrokerIncarnation>> self,
            PeerWatch watch,
            Duration timeToLive) {
        this.access = access;
        this.images = images;
        this.self = self;
        this.watch = watch;
        this.onLoop = new OnLoop(access.loop());
        this.registry = new BrokerRegistry(access);
        this.store = new SuspicionStore(access);
        this.contact = new StoreContact(access, timeToLive, this::look);
    }

    /** Begins to follow the cluster. */
    public void start() {
        access.loop().execute(contact::open);
        images.addListener((_, _, delta) -> {
            if (delta.changesBrokers() || !delta.suspicions().isEmpty()) {
                look();
            }
        });
    }

    @Override
    public void refused(BrokerIncarnation peer) {
        report(() -> {
            if (isWatched(peer) && refusing.add(peer)) {
                LOG.info("A broker refuses connections [broker={}]", peer);
                registry.prepareEviction(peer.brokerId());
                look();
            }
        });
    }

    @Override
    public void unclear(BrokerIncarnation peer) {
        withdraw(peer, "does not answer any more");
    }

    @Override
    public void reachable(BrokerIncarnation peer) {
        withdraw(peer, "can be reached again");
    }

    private void withdraw(BrokerIncarnation peer, String why) {
        report(() -> {
            if (refusing.remove(peer)) {
                LOG.info("A broker that refused connections {} [broker={}]", why, peer);
                registry.cancelEviction(peer.brokerId());
                look();
            }
        });
    }

    private void report(Runnable task) {
        try {
            access.loop().execute(task);
        } catch (RejectedExecutionException ended) {
            LOG.debug("A report about a peer came after the end of the loop", ended);
        }
    }

    private boolean isWatched(BrokerIncarnation broker) {
        return peers.stream().anyMatch(peer -> peer.incarnation().equals(broker));
    }

    /** Brings everything in line with the latest image. */
    private void look() {
        if (closed) {
            return;
        }
        ClusterImage image = images.image();
        Optional<BrokerIncarnation> me =
                self.get().filter(broker -> image.isServing(broker) || isDraining(image, broker));
        watchPeers(me.map(broker -> peersOf(broker, image)).orElse(Set.of()));
        if (me.isPresent()) {
            publish(image, me.get());
            judge(image, me.get());
        }
    }

    private static boolean isDraining(ClusterImage image, BrokerIncarnation broker) {
        return image.isRegistered(broker) && image.isDraining(broker);
    }

    private static Set<Peer> peersOf(BrokerIncarnation me, ClusterImage image) {
        return image.brokers().values().stream()
                .map(Versioned::value)
                .filter(broker -> broker.incarnation().brokerId() != me.brokerId())
                .filter(broker -> image.isServing(broker.incarnation()))
                .map(Peer::of)
                .collect(Collectors.toUnmodifiableSet());
    }

    private void watchPeers(Set<Peer> now) {
        if (!now.equals(peers)) {
            peers = now;
            refusing.removeIf(broker -> {
                boolean gone = !isWatched(broker);
                if (gone) {
                    registry.cancelEviction(broker.brokerId());
                }
                return gone;
            });
            watch.watch(now);
        }
    }

    private void publish(ClusterImage image, BrokerIncarnation me) {
        var wanted = new Suspicions(
                me,
                contact.isSteady() ? refusing.stream().limit(Suspicions.MOST).collect(Collectors.toSet()) : Set.of());
        Versioned<Suspicions> shown = image.suspicions().get(me.brokerId());
        boolean isPublished =
                shown == null ? wanted.suspects().isEmpty() : shown.value().equals(wanted);
        if (isPublished || publishing) {
            return;
        }
        publishing = true;
        long leaseId = wanted.suspects().isEmpty() ? 0 : contact.leaseId();
        onLoop.hop(store.replace(image, wanted, leaseId)).whenComplete((revision, failure) -> {
            if (failure != null) {
                publishing = false;
                failed("publishing suspicions", failure);
            } else if (revision.isEmpty()) {
                publishing = false;
                lookLater(RETRY);
            } else {
                // What is shown until then is older than what was written.
                onceShown(revision.getAsLong(), () -> publishing = false);
            }
        });
    }

    /** Goes by what is published, so that the suspicions compared are those of this very image. */
    private void judge(ClusterImage image, BrokerIncarnation me) {
        Versioned<Suspicions> mine = image.suspicions().get(me.brokerId());
        if (mine == null || !mine.value().observer().equals(me) || !contact.isSteady()) {
            return;
        }
        for (BrokerIncarnation suspect : mine.value().suspects()) {
            if (refusing.contains(suspect) && image.isServing(suspect) && !beingEvicted.contains(suspect)) {
                List<BrokerIncarnation> observers = observers(image, me, suspect);
                int needed = image.brokers().size() >= 3 ? 2 : 1;
                if (observers.size() >= needed) {
                    evict(image, suspect, observers.subList(0, needed));
                }
            }
        }
    }

    /** Who suspects a broker, this one first. */
    private static List<BrokerIncarnation> observers(
            ClusterImage image, BrokerIncarnation me, BrokerIncarnation suspect) {
        var observers = new ArrayList<BrokerIncarnation>();
        observers.add(me);
        for (int id : new TreeSet<>(image.suspicions().keySet())) {
            Suspicions others =
                    Objects.requireNonNull(image.suspicions().get(id)).value();
            if (id != me.brokerId()
                    && id != suspect.brokerId()
                    && others.suspects().contains(suspect)
                    && image.isRegistered(others.observer())) {
                observers.add(others.observer());
            }
        }
        return observers;
    }

    private void evict(ClusterImage image, BrokerIncarnation suspect, List<BrokerIncarnation> observers) {
        MetadataKeys keys = access.keys();
        var evidence = new ArrayList<Guard>();
        evidence.add(guard(keys.availability(suspect.brokerId()), image.availabilityById(), suspect.brokerId()));
        for (BrokerIncarnation observer : observers) {
            int id = observer.brokerId();
            evidence.add(guard(keys.broker(id), image.brokers(), id));
            evidence.add(guard(keys.suspicions(id), image.suspicions(), id));
        }
        beingEvicted.add(suspect);
        Versioned<BrokerRegistration> registered =
                Objects.requireNonNull(image.brokers().get(suspect.brokerId()));
        registry.evict(registered, evidence, observers.getFirst()).whenComplete((result, failure) -> {
            if (result instanceof EvictResult.Evicted(long revision)) {
                LOG.warn(
                        "Removed the registration of a broker that refuses connections [broker={}, seenBy={}]",
                        suspect,
                        observers);
                onceShown(revision, () -> beingEvicted.remove(suspect));
                return;
            }
            beingEvicted.remove(suspect);
            if (failure != null) {
                failed("removing the registration of " + suspect, failure);
            } else {
                if (result instanceof EvictResult.TooSoon) {
                    LOG.info(
                            "A broker that refuses connections was taken for dead a moment ago already [broker={}]",
                            suspect);
                }
                lookLater(result instanceof EvictResult.TooSoon ? RETRY_TOO_SOON : RETRY);
            }
        });
    }

    private static Guard guard(String key, java.util.Map<Integer, ? extends Versioned<?>> records, int id) {
        Versioned<?> record = records.get(id);
        return new Guard(key, record == null ? 0 : record.modRevision());
    }

    private void failed(String what, Throwable failure) {
        if (!closed) {
            LOG.warn("The metadata store failed while {}", what, failure);
            contact.interrupted(what + " failed");
            lookLater(RETRY_TOO_SOON);
        }
    }

    private void onceShown(long revision, Runnable then) {
        images.awaitRevision(revision).whenComplete((_, failure) -> {
            then.run();
            if (failure == null) {
                look();
            }
        });
    }

    private void lookLater(Duration delay) {
        if (retry != null) {
            retry.cancel();
        }
        retry = access.loop().schedule(delay, this::look);
    }

    /** Ends; suspicions of this broker go at once if the store answers, and with its lease otherwise. */
    @Override
    public void close() {
        CompletableFuture<Void> ending = onLoop.run(() -> {
            closed = true;
            watch.watch(Set.of());
            return contact.close();
        });
        ending.exceptionally(failure -> {
            LOG.debug("The failure detector ended with its loop", failure);
            return null;
        });
    }
}
