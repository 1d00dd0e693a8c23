package io.kafscale.log.engine;

import static java.util.Objects.requireNonNull;

import io.kafscale.log.LogException;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.Guard;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes leadership of partitions whose leader is dead, who gave them up, or that never had one: read what their streams hold, then
 * compare-and-set the records in batches while our own registration holds. Log loop only.
 */
final class Takeover {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
    private static final int MAX_ROUNDS = 20;

    /**
     * A partition to take.
     *
     * @param record as last seen, or null if it has none
     */
    record Target(Versioned<TopicRecord> topic, int partition, @Nullable Versioned<PartitionRecord> record) {
        PartitionId id() {
            return new PartitionId(topic.value().id(), partition);
        }
    }

    /** A partition taken: from here on nobody else may append to it. */
    record Taken(Versioned<TopicRecord> topic, Versioned<PartitionRecord> record, List<ChunkRef> chunks) {}

    /** Writes what a record without room for another tenure has waiting into segments; returns the record with its new end. */
    @FunctionalInterface
    interface TenureCutter {
        CompletableFuture<Versioned<PartitionRecord>> cut(
                Versioned<TopicRecord> topic, Versioned<PartitionRecord> record, List<ChunkRef> chunks);
    }

    /** What to write for a target; nothing where an earlier write, then in doubt, turned out to have made it ours. */
    private record Plan(Target target, Optional<PartitionChange> change, List<ChunkRef> chunks) {}

    private final MetadataKeys keys;
    private final PartitionStore partitions;
    private final ClosedStreams streams;
    private final BrokerIncarnation me;
    private final TenureCutter cutter;

    Takeover(
            MetadataKeys keys,
            PartitionStore partitions,
            ClosedStreams streams,
            BrokerIncarnation me,
            TenureCutter cutter) {
        this.keys = keys;
        this.partitions = partitions;
        this.streams = streams;
        this.me = me;
        this.cutter = cutter;
    }

    /**
     * Takes what can be taken.
     *
     * @param guard our registration; if it does not hold any more the future fails with NOT_LEADER and the session is over
     * @return those taken; a topic deleted meanwhile, or a partition whose leader lives, is left out
     */
    CompletableFuture<List<Taken>> take(List<Target> targets, Guard guard) {
        return round(targets, guard, new ArrayList<>(), 0);
    }

    private CompletableFuture<List<Taken>> round(List<Target> targets, Guard guard, List<Taken> taken, int round) {
        if (targets.isEmpty()) {
            return CompletableFuture.completedFuture(taken);
        }
        if (round == MAX_ROUNDS) {
            return CompletableFuture.failedFuture(new LogException(
                    LogException.Kind.STORAGE_UNAVAILABLE,
                    "could not take " + targets.size() + " partitions, such as "
                            + targets.getFirst().id() + ", in " + MAX_ROUNDS + " attempts"));
        }
        var planning = targets.stream().map(this::plan).toList();
        return CompletableFuture.allOf(planning.toArray(CompletableFuture[]::new))
                .thenCompose(all -> {
                    var plans = new ArrayList<Plan>();
                    var changes = new ArrayList<PartitionChange>();
                    for (var planned : planning) {
                        Plan plan = planned.join();
                        if (plan.change().isPresent()) {
                            plans.add(plan);
                            changes.add(plan.change().get());
                        } else {
                            Target target = plan.target();
                            taken.add(new Taken(target.topic(), requireNonNull(target.record()), plan.chunks()));
                        }
                    }
                    return partitions
                            .commit(changes, List.of(guard))
                            .thenCompose(outcomes -> settle(plans, outcomes, taken))
                            .thenCompose(again -> round(again, guard, taken, round + 1));
                });
    }

    private CompletableFuture<Plan> plan(Target target) {
        Versioned<PartitionRecord> record = target.record();
        if (record == null) {
            return CompletableFuture.completedFuture(new Plan(
                    target,
                    Optional.of(PartitionChange.create(keys, target.topic(), target.partition(), me)),
                    List.of()));
        }
        return recover(record.value()).thenCompose(recovered -> {
            if (record.value().ledBy(me)) {
                return CompletableFuture.completedFuture(new Plan(target, Optional.empty(), recovered.chunks()));
            }
            PartitionRecord closed = record.value().leader() == null
                    ? record.value()
                    : record.value().release(recovered.endOffset());
            if (closed.hasRoomForTenure()) {
                return CompletableFuture.completedFuture(new Plan(
                        target, Optional.of(PartitionChange.update(record, closed.acquire(me))), recovered.chunks()));
            }
            LOG.info("Writing segments before taking a partition with {} tenures [partition={}]",
                    closed.tenures().size(), target.id());
            return cutter.cut(target.topic(), record, recovered.chunks())
                    .thenCompose(cut -> plan(new Target(target.topic(), target.partition(), cut)));
        });
    }

    private CompletableFuture<RecoveredPartition> recover(PartitionRecord record) {
        var reads = new ArrayList<CompletableFuture<List<ChunkRef>>>();
        record.tenures().stream()
                .map(Tenure::stream)
                .distinct()
                .filter(stream -> !stream.equals(me))
                .forEach(stream -> reads.add(streams.chunks(stream, record.id())));
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).thenApply(all -> {
            var found = new ArrayList<ChunkRef>();
            reads.forEach(read -> found.addAll(read.join()));
            return RecoveredPartition.of(record, found);
        });
    }

    /** Sorts out what was written; returns what has to be tried again with what is known now. */
    private CompletableFuture<List<Target>> settle(
            List<Plan> plans, List<PartitionOutcome> outcomes, List<Taken> taken) {
        var again = new ArrayList<CompletableFuture<Target>>();
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            Target target = plan.target();
            switch (outcomes.get(i)) {
                case PartitionOutcome.Applied applied ->
                    taken.add(new Taken(
                            target.topic(), new Versioned<>(applied.record(), applied.modRevision()), plan.chunks()));
                case PartitionOutcome.Conflict conflict ->
                    again.add(CompletableFuture.completedFuture(
                            new Target(target.topic(), target.partition(), conflict.current())));
                case PartitionOutcome.TopicChanged changed ->
                    LOG.debug("Left out a partition whose topic changed meanwhile [partition={}]", target.id());
                case PartitionOutcome.GuardFailed failed -> {
                    return CompletableFuture.failedFuture(new LogException(
                            LogException.Kind.NOT_LEADER, "broker " + me + " is no longer registered: " + failed.key()));
                }
                case PartitionOutcome.Failed failed -> again.add(readAgain(target, failed.cause()));
            }
        }
        return CompletableFuture.allOf(again.toArray(CompletableFuture[]::new))
                .thenApply(all -> again.stream().map(CompletableFuture::join).toList());
    }

    private CompletableFuture<Target> readAgain(Target target, MetadataException cause) {
        LOG.warn("A takeover is in doubt, reading back [partition={}]", target.id(), cause);
        return partitions
                .get(target.id())
                .thenApply(record -> new Target(target.topic(), target.partition(), record.orElse(null)));
    }
}
