package io.kafscale.coordinator;

import io.kafscale.coordinator.GroupCoordinatorHost.LossListener;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.ShardOwner;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the shards of the consumer groups that this broker holds in line with the {@link LeadershipPlan}, image by image: takes what
 * the plan gives it once nobody alive owns it, and gives up what the plan gives to another broker that serves. Every broker does so
 * for itself only. Holds shards as the incarnation that the log says this broker is; when that is over, so are they.
 *
 * <p>Made before the host, which is told of losses through it. Methods are thread-safe; state is touched on the loop only.
 */
public final class GroupShards implements LossListener {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShards.class);
    private static final Backoff PAUSE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final EventLoop loop;
    private final RandomGenerator random;
    private final Sealing sealing;
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private final Set<BrokerIncarnation> beingSealed = new HashSet<>();
    private List<Place> places = List.of();
    private @Nullable GroupCoordinatorHost host;
    private @Nullable BrokerIncarnation me;
    private ClusterImage image = ClusterImage.EMPTY;
    private LeadershipPlan plan = LeadershipPlan.of(ClusterImage.EMPTY);
    private int sealFailures;
    private volatile boolean stopped;

    /** Ends the streams of the dead. */
    @FunctionalInterface
    public interface Sealing {
        /** Seals the stream of an incarnation that is not registered, unless somebody has; its record says so afterwards. */
        CompletableFuture<Void> seal(BrokerIncarnation dead);
    }

    /** One shard. */
    private static final class Place {
        final int shard;

        /** As whom it was last acquired, until it is given up or lost. */
        @Nullable
        BrokerIncarnation heldAs;

        int acquisitions;
        int failures;
        boolean leaving;
        boolean pausing;

        Place(int shard) {
            this.shard = shard;
        }
    }

    /**
     * Shards of a host to come.
     *
     * @param loop the host's loop
     * @param random for the jitter of pauses; used on the loop
     * @param sealing asked to seal the stream of a dead broker that owned a shard which is ours now
     */
    public GroupShards(EventLoop loop, RandomGenerator random, Sealing sealing) {
        this.loop = loop;
        this.random = random;
        this.sealing = sealing;
    }

    /** Begins, once, to follow the images. Nothing is taken before {@link #become} has said as whom. */
    public void follow(GroupCoordinatorHost groups, ImageKeeper images) {
        loop.execute(() -> {
            host = groups;
            places = IntStream.range(0, groups.shards()).mapToObj(Place::new).toList();
            images.addListener(this::onImage);
        });
    }

    /** The incarnation that this broker is from now on, if it is one. */
    public void become(Optional<BrokerIncarnation> incarnation) {
        run(() -> {
            me = incarnation.orElse(null);
            lookAtAll();
        });
    }

    /**
     * Completes as soon as this broker answers for every shard that the plan gives it, those excepted that another broker alive is
     * still to release, and holds no shard that the plan gives to another which serves. Fails when this is stopped before.
     */
    public CompletableFuture<Void> settled() {
        var settled = new CompletableFuture<Void>();
        if (stopped) {
            settled.completeExceptionally(new IllegalStateException("the consumer groups were closed"));
        } else {
            loop.execute(() -> {
                waiting.add(settled);
                wake();
            });
        }
        return settled;
    }

    /** Acquires and releases no further shard: the host is about to be closed. */
    public void stop() {
        stopped = true;
        loop.execute(() -> {
            waiting.forEach(settled ->
                    settled.completeExceptionally(new IllegalStateException("the consumer groups were closed")));
            waiting.clear();
        });
    }

    @Override
    public void onLost(int shard, ShardLostException why) {
        LOG.warn("Shard {} of the consumer groups was lost", shard, why);
        run(() -> {
            places.get(shard).heldAs = null;
            look(places.get(shard));
            wake();
        });
    }

    /** On the loop of the images. */
    private void onImage(ClusterImage before, ClusterImage now, ClusterDelta delta) {
        boolean concerned = delta.changesBrokers()
                || !delta.coordinators().isEmpty()
                || !delta.streams().isEmpty();
        if (concerned) {
            run(() -> {
                image = now;
                plan = LeadershipPlan.of(now);
                lookAtAll();
            });
        }
    }

    private void run(Runnable step) {
        if (!stopped) {
            loop.execute(() -> {
                if (!stopped) {
                    step.run();
                }
            });
        }
    }

    private void lookAtAll() {
        places.forEach(this::look);
        wake();
    }

    /** Takes the next step for one shard, if there is one. */
    private void look(Place place) {
        GroupCoordinatorHost groups = host;
        if (groups == null) {
            return;
        }
        BrokerIncarnation now = me;
        if (place.heldAs != null) {
            boolean over = !place.heldAs.equals(now) || isTaken(groups, place, place.heldAs);
            if (over || (now != null && isToBeHandedOver(place.shard, now))) {
                leave(place, groups.release(place.shard));
            }
        } else if (now != null && !place.leaving && !place.pausing) {
            if (isPlannedFor(place.shard, now)) {
                takeIfFree(groups, place, now);
            } else if (owner(place.shard).is(now) && isToBeHandedOver(place.shard, now)) {
                // A claim that was given up came late.
                leave(place, groups.disown(place.shard, now));
            }
        }
    }

    private ShardOwner owner(int shard) {
        return image.coordinator(shard).map(Versioned::value).orElse(ShardOwner.NONE);
    }

    private boolean isPlannedFor(int shard, BrokerIncarnation broker) {
        return plan.coordinatorOf(shard).filter(broker::equals).isPresent();
    }

    /** A broker that is still starting hands nothing over, and none is given anything that does not serve yet. */
    private boolean isToBeHandedOver(int shard, BrokerIncarnation from) {
        Optional<BrokerIncarnation> to = plan.coordinatorOf(shard);
        return to.isPresent()
                && !to.get().equals(from)
                && image.isServing(to.get())
                && (image.isServing(from) || image.isDraining(from));
    }

    /** Whether somebody has taken the shard since we did. */
    private boolean isTaken(GroupCoordinatorHost groups, Place place, BrokerIncarnation as) {
        long held = groups.heldRevision(place.shard);
        return held > 0
                && image.coordinator(place.shard)
                        .filter(owner ->
                                owner.modRevision() > held && !owner.value().is(as))
                        .isPresent();
    }

    private void takeIfFree(GroupCoordinatorHost groups, Place place, BrokerIncarnation as) {
        BrokerIncarnation owner = owner(place.shard).incarnation();
        if (owner == null || owner.equals(as) || image.isOver(owner)) {
            take(groups, place, as);
        } else if (!image.isRegistered(owner)) {
            seal(owner);
        }
    }

    private void take(GroupCoordinatorHost groups, Place place, BrokerIncarnation as) {
        place.heldAs = as;
        int mine = ++place.acquisitions;
        groups.acquire(place.shard, as)
                .whenComplete((acquired, failure) -> run(() -> {
                    if (mine != place.acquisitions || place.heldAs == null) {
                        return;
                    }
                    if (failure == null) {
                        place.failures = 0;
                        look(place);
                    } else {
                        LOG.info(
                                "Shard {} of the consumer groups cannot be had yet: {}",
                                place.shard,
                                failure.getMessage());
                        place.heldAs = null;
                        pause(place);
                    }
                    wake();
                }));
    }

    private void pause(Place place) {
        place.pausing = true;
        loop.schedule(
                PAUSE.delay(place.failures++, random),
                () -> run(() -> {
                    place.pausing = false;
                    look(place);
                    wake();
                }));
    }

    private void leave(Place place, CompletableFuture<Void> left) {
        place.heldAs = null;
        place.leaving = true;
        left.whenComplete((done, failure) -> run(() -> {
            place.leaving = false;
            look(place);
            wake();
        }));
    }

    private void seal(BrokerIncarnation dead) {
        if (!beingSealed.add(dead)) {
            return;
        }
        sealing.seal(dead)
                .whenComplete((done, failure) -> run(() -> {
                    if (failure == null) {
                        // The image is about to show it.
                        sealFailures = 0;
                        beingSealed.remove(dead);
                    } else {
                        LOG.warn("The stream of {} cannot be sealed yet, its groups have to wait", dead, failure);
                        loop.schedule(
                                PAUSE.delay(sealFailures++, random),
                                () -> run(() -> {
                                    beingSealed.remove(dead);
                                    lookAtAll();
                                }));
                    }
                }));
    }

    private void wake() {
        if (!waiting.isEmpty() && isSettled()) {
            List<CompletableFuture<Void>> all = List.copyOf(waiting);
            waiting.clear();
            all.forEach(settled -> settled.complete(null));
        }
    }

    private boolean isSettled() {
        GroupCoordinatorHost groups = host;
        BrokerIncarnation now = me;
        return groups != null
                && now != null
                && image.isRegistered(now)
                && places.stream().allMatch(place -> isSettled(groups, place, now));
    }

    private boolean isSettled(GroupCoordinatorHost groups, Place place, BrokerIncarnation now) {
        if (place.leaving) {
            return false;
        }
        if (!isPlannedFor(place.shard, now)) {
            return !isToBeHandedOver(place.shard, now)
                    || (place.heldAs == null && !owner(place.shard).is(now));
        }
        BrokerIncarnation owner = owner(place.shard).incarnation();
        boolean owedByAnother = owner != null && !owner.equals(now) && image.isRegistered(owner);
        return owedByAnother || (now.equals(place.heldAs) && groups.isActive(place.shard));
    }
}
