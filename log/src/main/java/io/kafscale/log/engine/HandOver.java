package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives partitions to the brokers that the plan wants them led by, some at a time: stop appends, wait until everything appended is
 * durable, give up in memory, then write the release. Whatever becomes of the release, nothing is appended or acknowledged under
 * that epoch again: one that failed or is in doubt is read back and repeated until the record no longer names this incarnation, or
 * the session ends and its stream is sealed. Log loop only.
 */
final class HandOver {
    /** So few at once that the others go on, so many that a thousand take few flushes. */
    private static final int BATCH = 64;

    /** Given up and not led again: no more are given up until the brokers that they went to keep pace. */
    private static final int MOST_UNLED = 2 * BATCH;

    /**
     * Before a partition is given up, its next leader has this long to read ahead what it will inherit. Nobody waits for that: the
     * partition is led meanwhile.
     */
    static final Duration LEAD = Duration.ofSeconds(1);

    /** A broker that does not take what it is given holds the others up for no longer than this. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Backoff RETRY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    /** What handing over needs of the session. */
    interface Leader {
        /** The partition, if it is led and the plan gives it to a broker that is ready for it. */
        Optional<PartitionLog> wantedElsewhere(PartitionId id);

        /** Leads it no more: what waits there is refused. */
        void giveUp(PartitionLog log, LogException cause);

        /** Makes everything durable that was appended before. */
        CompletableFuture<Void> flush();

        /** Whether the metadata store can be expected to write the release. */
        boolean isConfirmed();

        /** Whether the session is over. */
        boolean isOver();

        /** The records of these no longer name this incarnation. */
        void released(Collection<PartitionId> ids);
    }

    private final EngineContext context;
    private final PartitionStore partitions;
    private final GuardedCommits commits;
    private final BrokerIncarnation me;
    private final Leader leader;
    /** What is to be handed over, and from when on. */
    private final TreeMap<PartitionId, Long> wanted = new TreeMap<>(Placement.ORDER);

    private final Map<PartitionId, StoredPartition> releasing = new HashMap<>();
    private final Map<PartitionId, StoredPartition> unsettled = new LinkedHashMap<>();
    private final Set<PartitionId> unled = new HashSet<>();
    private EventLoop.@Nullable Timer impatience;
    private EventLoop.@Nullable Timer alarm;
    private boolean busy;
    private boolean waiting;
    private int failures;

    /** Nothing to hand over yet, by {@code me}. */
    HandOver(
            EngineContext context,
            PartitionStore partitions,
            GuardedCommits commits,
            BrokerIncarnation me,
            Leader leader) {
        this.context = context;
        this.partitions = partitions;
        this.commits = commits;
        this.me = me;
        this.leader = leader;
    }

    /** Hands these over, if that is still wanted when their turn comes. */
    void want(Collection<PartitionId> ids) {
        long fromNanos = context.loop().time().nanoTime() + LEAD.toNanos();
        ids.forEach(id -> wanted.putIfAbsent(id, fromNanos));
        next();
    }

    /** Whether the partition was given up and its release is not settled: nobody may take it by a record that names us. */
    boolean isReleasing(PartitionId id) {
        return releasing.containsKey(id);
    }

    /** Whether nothing is left to hand over or to settle. */
    boolean isIdle() {
        return wanted.isEmpty() && !busy && releasing.isEmpty();
    }

    /** Partitions that were given up may have a leader again. */
    void follow(ClusterImage image, ClusterDelta delta) {
        if (unled.isEmpty()) {
            return;
        }
        for (PartitionId id : delta.partitions()) {
            if (!releasing.containsKey(id) && isLed(image, id)) {
                unled.remove(id);
            }
        }
        delta.deletedTopics()
                .forEach(topicId -> unled.removeIf(id -> id.topicId().equals(topicId)));
        next();
    }

    private boolean isLed(ClusterImage image, PartitionId id) {
        return image.partition(id)
                .map(record -> record.value().leader())
                .filter(other -> !other.equals(me))
                .isPresent();
    }

    private void next() {
        if (busy || waiting || !unsettled.isEmpty() || wanted.isEmpty() || leader.isOver()) {
            return;
        }
        if (unled.size() > MOST_UNLED - BATCH) {
            waitForOthers();
            return;
        }
        if (!leader.isConfirmed()) {
            // Without the metadata store nobody could take what is given up.
            waiting = true;
            later(() -> {
                waiting = false;
                next();
            });
            return;
        }
        stopWaiting();
        List<PartitionLog> batch = nextBatch();
        if (batch.isEmpty()) {
            setAlarm();
        } else {
            busy = true;
            drain(batch).thenCompose(this::release).whenComplete((_, failure) -> {
                busy = false;
                report(failure);
                next();
            });
        }
    }

    private void waitForOthers() {
        if (impatience == null) {
            impatience = context.loop().schedule(PATIENCE, () -> {
                impatience = null;
                LOG.warn("Partitions that were handed over are not led yet [partitions={}]", unled.size());
                unled.clear();
                next();
            });
        }
    }

    private void stopWaiting() {
        if (impatience != null) {
            impatience.cancel();
            impatience = null;
        }
    }

    private List<PartitionLog> nextBatch() {
        long now = context.loop().time().nanoTime();
        var batch = new ArrayList<PartitionLog>();
        var each = wanted.entrySet().iterator();
        while (batch.size() < BATCH && each.hasNext()) {
            Map.Entry<PartitionId, Long> next = each.next();
            if (next.getValue() - now <= 0) {
                each.remove();
                leader.wantedElsewhere(next.getKey()).ifPresent(batch::add);
            }
        }
        return batch;
    }

    /** Goes on when the first of what is wanted has had its time. */
    private void setAlarm() {
        if (alarm != null || wanted.isEmpty()) {
            return;
        }
        long now = context.loop().time().nanoTime();
        long leftNanos =
                wanted.values().stream().mapToLong(from -> from - now).min().orElse(0);
        alarm = context.loop().schedule(Duration.ofNanos(Math.max(0, leftNanos)), () -> {
            alarm = null;
            next();
        });
    }

    /** Completes with those that could be drained, once each has been or is lost; never fails. */
    private CompletableFuture<List<PartitionLog>> drain(List<PartitionLog> batch) {
        var drained = new ArrayList<PartitionLog>();
        var draining = batch.stream()
                .map(log -> log.drain().handle((_, lost) -> lost == null ? drained.add(log) : false))
                .toArray(CompletableFuture[]::new);
        // What this flush fails with, the partitions fail with.
        leader.flush().exceptionally(_ -> null);
        return CompletableFuture.allOf(draining).thenApply(_ -> drained);
    }

    private CompletableFuture<Void> release(List<PartitionLog> batch) {
        var given = new ArrayList<StoredPartition>();
        for (PartitionLog log : batch) {
            if (log.closed() == null) {
                releasing.put(log.id(), log.stored());
                unled.add(log.id());
                given.add(log.stored());
                leader.giveUp(
                        log, new LogException(Kind.NOT_LEADER, log.stored().place() + " was handed over"));
            }
        }
        return CompletableFuture.allOf(
                        given.stream().map(StoredPartition::written).toArray(CompletableFuture[]::new))
                .thenCompose(_ -> write(given));
    }

    /** Releases those whose record, as far as is known, still names us. */
    private CompletableFuture<Void> write(List<StoredPartition> given) {
        List<StoredPartition> named = given.stream().filter(this::namesUs).toList();
        var releases = named.stream()
                .map(stored -> PartitionChange.update(
                        stored.record(), stored.record().value().release(stored.durableEnd())))
                .toList();
        return commits.commit(releases).thenAccept(outcomes -> {
            for (int i = 0; i < named.size(); i++) {
                settle(named.get(i), outcomes.get(i));
            }
            settled(given);
        });
    }

    private boolean namesUs(StoredPartition given) {
        return given.record().value().ledBy(me);
    }

    private void settle(StoredPartition given, PartitionOutcome outcome) {
        switch (outcome) {
            case PartitionOutcome.Applied applied -> {
                unsettled.remove(given.id());
                given.observe(new Versioned<>(applied.record(), applied.modRevision()));
            }
            case PartitionOutcome.Conflict(Versioned<PartitionRecord> current) -> found(given, current);
            case PartitionOutcome.GuardFailed _, PartitionOutcome.TopicChanged _, PartitionOutcome.Failed _ -> {
                LOG.warn(
                        "A release is in doubt or was not written, reading back [partition={}]: {}",
                        given.id(),
                        outcome);
                unsettled.put(given.id(), given);
            }
        }
    }

    private void found(StoredPartition given, @Nullable Versioned<PartitionRecord> current) {
        unsettled.remove(given.id());
        if (current != null) {
            given.observe(current);
            if (namesUs(given)) {
                unsettled.put(given.id(), given);
            }
        }
    }

    private void settled(List<StoredPartition> given) {
        var ids = new ArrayList<PartitionId>();
        for (StoredPartition stored : given) {
            if (!unsettled.containsKey(stored.id())) {
                releasing.remove(stored.id());
                ids.add(stored.id());
            }
        }
        if (!ids.isEmpty()) {
            LOG.info("Handed partitions over [broker={}, partitions={}]", me, ids.size());
            leader.released(ids);
        }
        if (unsettled.isEmpty()) {
            failures = 0;
        } else {
            later(this::readBack);
        }
    }

    /** What the records are now says which releases are still to be written. */
    private void readBack() {
        if (leader.isOver()) {
            return;
        }
        List<StoredPartition> doubtful = List.copyOf(unsettled.values());
        var reads = doubtful.stream()
                .map(given -> partitions.get(given.id()).handle((record, failure) -> {
                    if (failure == null) {
                        found(given, record.orElse(null));
                    }
                    return failure == null;
                }))
                .toList();
        CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
                .thenCompose(_ -> {
                    boolean allRead = reads.stream().allMatch(CompletableFuture::join);
                    if (!allRead || leader.isOver()) {
                        settled(doubtful);
                        return CompletableFuture.completedFuture(null);
                    }
                    return write(doubtful);
                })
                .whenComplete((_, failure) -> {
                    report(failure);
                    next();
                });
    }

    private void later(Runnable task) {
        context.loop().schedule(RETRY.delay(failures++, context.random()), task);
    }

    private static void report(@Nullable Throwable failure) {
        if (failure != null) {
            LOG.error("Handing partitions over failed; this is a defect, please report it", failure);
        }
    }
}
