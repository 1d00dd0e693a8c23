package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one session has still to take. A few takeovers are under way at a time, one for each dead leader, so that partitions that are
 * handed over do not wait until a stream has been sealed, and none waits for the segments of another; what could not be taken is
 * tried again after a while, if it is still to be taken then, for as long as the session lives. Log loop only.
 */
final class TakeoverQueue {
    private static final Logger LOG = LoggerFactory.getLogger(TakeoverQueue.class);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
    private static final int MOST_AT_ONCE = 8;

    /** Whose partitions are taken. */
    interface Leader {
        /** What a takeover of the partition goes by, if this session has to take it. */
        Optional<Takeover.Target> target(PartitionId id);

        /**
         * Takes partitions.
         *
         * @return those that have to be tried again, and why; if it fails, all of them have
         */
        CompletableFuture<Map<PartitionId, Throwable>> take(List<Takeover.Target> targets);

        /** Whether the session is over. */
        boolean isOver();
    }

    /**
     * What is taken together, because it waits for the same.
     *
     * @param deadLeader whose stream has to be ended first
     * @param full whether there may be segments to write first, since there is no room for one more tenure
     */
    private record Group(Optional<BrokerIncarnation> deadLeader, boolean full) {
        /** What takes longer comes last. */
        static final Comparator<Group> ORDER = Comparator.comparing(Group::full)
                .thenComparing(group -> group.deadLeader().orElse(null), Comparator.nullsFirst(AbandonedStreams.ORDER));

        static Group of(Takeover.Target target) {
            Optional<PartitionRecord> record =
                    Optional.ofNullable(target.record()).map(Versioned::value);
            return new Group(
                    record.map(PartitionRecord::leader),
                    record.map(known -> !known.hasRoomForTenure()).orElse(false));
        }
    }

    private final EngineContext context;
    private final Leader leader;
    private final Set<PartitionId> wanted = new TreeSet<>(Placement.ORDER);
    private final Set<PartitionId> underWay = new HashSet<>();
    private final Map<PartitionId, Throwable> postponed = new TreeMap<>(Placement.ORDER);
    private final List<CompletableFuture<Void>> waiters = new ArrayList<>();
    private int takeovers;
    private int failures;
    private boolean retrying;

    TakeoverQueue(EngineContext context, Leader leader) {
        this.context = context;
        this.leader = leader;
    }

    /** Takes these, those of them that have to be taken. */
    void want(Collection<PartitionId> ids) {
        wanted.addAll(ids);
        next();
    }

    /**
     * Completes once nothing is left to take now; fails with a reason why something had to be put off, which is tried again
     * nevertheless, unless the reason is that another broker leads it.
     */
    CompletableFuture<Void> idle() {
        var idle = new CompletableFuture<Void>();
        waiters.add(idle);
        answerIfIdle();
        return idle;
    }

    private void next() {
        if (leader.isOver()) {
            return;
        }
        for (List<Takeover.Target> group : targets()) {
            if (takeovers == MOST_AT_ONCE) {
                group.forEach(target -> wanted.add(target.id()));
            } else {
                start(group);
            }
        }
        answerIfIdle();
    }

    /** What is to be taken and is not being taken, in groups. */
    private Collection<List<Takeover.Target>> targets() {
        Map<Group, List<Takeover.Target>> groups = new TreeMap<>(Group.ORDER);
        var again = new ArrayList<PartitionId>();
        if (takeovers < MOST_AT_ONCE) {
            for (PartitionId id : wanted) {
                if (underWay.contains(id)) {
                    again.add(id);
                } else {
                    leader.target(id)
                            .ifPresent(target -> groups.computeIfAbsent(Group.of(target), _ -> new ArrayList<>())
                                    .add(target));
                }
            }
            wanted.clear();
            wanted.addAll(again);
        }
        return groups.values();
    }

    private void start(List<Takeover.Target> targets) {
        takeovers++;
        targets.forEach(target -> underWay.add(target.id()));
        long begunNanos = context.loop().time().nanoTime();
        leader.take(targets)
                .exceptionally(unforeseen -> all(targets, unforeseen))
                .thenAccept(failed -> {
                    takeovers--;
                    targets.forEach(target -> underWay.remove(target.id()));
                    report(targets, failed.size(), begunNanos);
                    if (leader.isOver()) {
                        answerIfIdle();
                        return;
                    }
                    if (failed.isEmpty()) {
                        failures = 0;
                    } else {
                        postpone(failed);
                    }
                    next();
                });
    }

    private static Map<PartitionId, Throwable> all(List<Takeover.Target> targets, Throwable unforeseen) {
        return targets.stream().collect(Collectors.toMap(Takeover.Target::id, _ -> FutureFailure.cause(unforeseen)));
    }

    private void report(List<Takeover.Target> targets, int failed, long begunNanos) {
        LOG.info(
                "Took partitions [partitions={}, from={}, ms={}]",
                targets.size() - failed,
                Group.of(targets.getFirst())
                        .deadLeader()
                        .map(BrokerIncarnation::toString)
                        .orElse("nobody"),
                Duration.ofNanos(context.loop().time().nanoTime() - begunNanos).toMillis());
    }

    private void postpone(Map<PartitionId, Throwable> failed) {
        var first = failed.entrySet().iterator().next();
        LOG.warn(
                "Could not take partitions yet [partitions={}, first={}]",
                failed.size(),
                first.getKey(),
                first.getValue());
        postponed.putAll(failed);
        if (!retrying) {
            retrying = true;
            context.loop().schedule(RETRY.delay(failures++, context.random()), this::retry);
        }
    }

    private void retry() {
        retrying = false;
        wanted.addAll(postponed.keySet());
        postponed.clear();
        next();
    }

    private void answerIfIdle() {
        boolean idle = leader.isOver() || (takeovers == 0 && wanted.isEmpty());
        if (!idle || waiters.isEmpty()) {
            return;
        }
        var answered = List.copyOf(waiters);
        waiters.clear();
        Optional<Throwable> failure =
                postponed.values().stream().filter(TakeoverQueue::isFailure).findFirst();
        answered.forEach(waiter -> {
            if (failure.isPresent()) {
                waiter.completeExceptionally(failure.get());
            } else {
                waiter.complete(null);
            }
        });
    }

    /** That somebody else was faster, and is alive, is none: the image will show it. */
    private static boolean isFailure(Throwable cause) {
        return !(cause instanceof LogException known && known.kind() == LogException.Kind.NOT_LEADER);
    }
}
