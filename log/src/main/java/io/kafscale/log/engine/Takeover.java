package io.kafscale.log.engine;

import static java.util.Objects.requireNonNull;

import io.kafscale.log.LogException;
import io.kafscale.log.segment.InheritedChunks;
import io.kafscale.log.segment.StoredPartition;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
    record Target(
            Versioned<TopicRecord> topic,
            int partition,
            @Nullable Versioned<PartitionRecord> record) {
        PartitionId id() {
            return new PartitionId(topic.value().id(), partition);
        }
    }

    /**
     * What became of the targets; one in neither part was deleted meanwhile.
     *
     * @param taken from here on nobody else may append to them
     * @param damaged acknowledged records of these cannot be found: they stay as they are for an operator to look at
     */
    record Result(List<Taken> taken, Map<PartitionId, LogException> damaged) {}

    /** A partition that is ours, with what its predecessors left in their streams. */
    record Taken(StoredPartition partition, InheritedChunks inherited) {}

    /** What a takeover needs of the rest of the log. */
    interface Workshop {
        /** A partition as its record says, with nothing gathered yet. */
        StoredPartition open(Versioned<TopicRecord> topic, Versioned<PartitionRecord> record);

        /** Writes inherited chunks into segments until the record has room for one more tenure. */
        CompletableFuture<Void> cutTenures(StoredPartition partition);
    }

    /** What to write for a target; nothing where an earlier write, then in doubt, turned out to have made it ours. */
    private record Plan(Target target, Optional<PartitionChange> change, Optional<Taken> gathered) {}

    private final MetadataKeys keys;
    private final PartitionStore partitions;
    private final ClosedStreams streams;
    private final BrokerIncarnation me;
    private final Workshop workshop;

    Takeover(
            MetadataKeys keys,
            PartitionStore partitions,
            ClosedStreams streams,
            BrokerIncarnation me,
            Workshop workshop) {
        this.keys = keys;
        this.partitions = partitions;
        this.streams = streams;
        this.me = me;
        this.workshop = workshop;
    }

    /**
     * Takes what can be taken.
     *
     * @param guard our registration; if it does not hold any more the future fails with NOT_LEADER and the session is over
     */
    CompletableFuture<Result> take(List<Target> targets, Guard guard) {
        return round(targets, guard, new Result(new ArrayList<>(), new LinkedHashMap<>()), 0);
    }

    private CompletableFuture<Result> round(List<Target> targets, Guard guard, Result result, int round) {
        if (targets.isEmpty()) {
            return CompletableFuture.completedFuture(result);
        }
        if (round == MAX_ROUNDS) {
            return CompletableFuture.failedFuture(new LogException(
                    LogException.Kind.STORAGE_UNAVAILABLE,
                    "could not take " + targets.size() + " partitions, such as "
                            + targets.getFirst().id() + ", in " + MAX_ROUNDS + " attempts"));
        }
        var planning = targets.stream()
                .map(target -> plan(target).handle((plan, failure) -> plannedOrDamaged(target, plan, failure, result)))
                .toList();
        return CompletableFuture.allOf(planning.toArray(CompletableFuture[]::new))
                .thenCompose(all -> {
                    var plans = new ArrayList<Plan>();
                    var changes = new ArrayList<PartitionChange>();
                    for (var planned : planning) {
                        Plan plan = planned.join().orElse(null);
                        if (plan != null && plan.change().isPresent()) {
                            plans.add(plan);
                            changes.add(plan.change().get());
                        } else if (plan != null) {
                            result.taken()
                                    .add(lead(plan, requireNonNull(plan.target().record())));
                        }
                    }
                    return partitions
                            .commit(changes, List.of(guard))
                            .thenCompose(outcomes -> settle(plans, outcomes, result.taken()))
                            .thenCompose(again -> round(again, guard, result, round + 1));
                });
    }

    /** Damage costs the partition it is found in and no other; every other failure fails the takeover. */
    private static Optional<Plan> plannedOrDamaged(
            Target target, @Nullable Plan plan, @Nullable Throwable failure, Result result) {
        if (failure == null) {
            return Optional.ofNullable(plan);
        }
        Throwable cause = EngineContext.unwrap(failure);
        if (cause instanceof LogException damage && damage.kind() == LogException.Kind.CORRUPT) {
            LOG.error("A partition is damaged and stays closed [partition={}]", target.id(), damage);
            result.damaged().put(target.id(), damage);
            return Optional.empty();
        }
        throw new CompletionException(cause);
    }

    private CompletableFuture<Plan> plan(Target target) {
        Versioned<PartitionRecord> record = target.record();
        if (record == null) {
            return CompletableFuture.completedFuture(new Plan(
                    target,
                    Optional.of(PartitionChange.create(keys, target.topic(), target.partition(), me)),
                    Optional.empty()));
        }
        return chunksOf(record.value()).thenCompose(found -> {
            InheritedChunks inherited = InheritedChunks.of(record.value(), found);
            var gathered = new Taken(workshop.open(target.topic(), record), inherited);
            gathered.partition().inherit(inherited);
            if (record.value().ledBy(me)) {
                return CompletableFuture.completedFuture(new Plan(target, Optional.empty(), Optional.of(gathered)));
            }
            if (closed(gathered).hasRoomForTenure()) {
                return CompletableFuture.completedFuture(planned(target, gathered));
            }
            LOG.info("Writing segments before taking a partition with many tenures [partition={}]", target.id());
            return workshop.cutTenures(gathered.partition()).thenApply(_ -> planned(target, gathered));
        });
    }

    private Plan planned(Target target, Taken gathered) {
        var change = PartitionChange.update(
                gathered.partition().record(), closed(gathered).acquire(me));
        return new Plan(target, Optional.of(change), Optional.of(gathered));
    }

    /** The record with the old leader's tenure ended where its sealed stream ends. */
    private static PartitionRecord closed(Taken gathered) {
        PartitionRecord record = gathered.partition().record().value();
        return record.leader() == null
                ? record
                : record.release(gathered.partition().durableEnd());
    }

    private CompletableFuture<List<ChunkRef>> chunksOf(PartitionRecord record) {
        var reads = new ArrayList<CompletableFuture<List<ChunkRef>>>();
        record.tenures().stream()
                .map(Tenure::stream)
                .distinct()
                .filter(stream -> !stream.equals(me))
                .forEach(stream -> reads.add(streams.chunks(stream, record.id())));
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).thenApply(all -> {
            var found = new ArrayList<ChunkRef>();
            reads.forEach(read -> found.addAll(read.join()));
            return found;
        });
    }

    /** Sorts out what was written; returns what has to be tried again with what is known now. */
    private CompletableFuture<List<Target>> settle(
            List<Plan> plans, List<PartitionOutcome> outcomes, List<Taken> taken) {
        var again = new ArrayList<CompletableFuture<Target>>();
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            Target target = plan.target();
            PartitionOutcome outcome = outcomes.get(i);
            if (outcome instanceof PartitionOutcome.Applied applied) {
                taken.add(lead(plan, new Versioned<>(applied.record(), applied.modRevision())));
                continue;
            }
            plan.gathered()
                    .ifPresent(gathered -> gathered.partition()
                            .discard(new LogException(
                                    LogException.Kind.NOT_LEADER, target.id() + " was not taken in this attempt")));
            switch (outcome) {
                case PartitionOutcome.Conflict conflict ->
                    again.add(CompletableFuture.completedFuture(
                            new Target(target.topic(), target.partition(), conflict.current())));
                case PartitionOutcome.GuardFailed failed -> {
                    return CompletableFuture.failedFuture(new LogException(
                            LogException.Kind.NOT_LEADER,
                            "broker " + me + " is no longer registered: " + failed.key()));
                }
                case PartitionOutcome.Failed failed -> again.add(readAgain(target, failed.cause()));
                default -> LOG.debug("Left out a partition whose topic changed meanwhile [partition={}]", target.id());
            }
        }
        return CompletableFuture.allOf(again.toArray(CompletableFuture[]::new))
                .thenApply(all -> again.stream().map(CompletableFuture::join).toList());
    }

    private Taken lead(Plan plan, Versioned<PartitionRecord> record) {
        Taken taken = plan.gathered()
                .orElseGet(() -> new Taken(
                        workshop.open(plan.target().topic(), record), InheritedChunks.of(record.value(), List.of())));
        taken.partition().lead(record);
        return taken;
    }

    private CompletableFuture<Target> readAgain(Target target, MetadataException cause) {
        LOG.warn("A takeover is in doubt, reading back [partition={}]", target.id(), cause);
        return partitions
                .get(target.id())
                .thenApply(record -> new Target(target.topic(), target.partition(), record.orElse(null)));
    }
}
