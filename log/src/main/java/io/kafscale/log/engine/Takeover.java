package io.kafscale.log.engine;

import static java.util.Objects.requireNonNull;

import io.kafscale.log.LogException;
import io.kafscale.log.segment.InheritedChunks;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes leadership of partitions whose leader is dead, who gave them up, or that never had one: read what their streams hold, then
 * compare-and-set the records in batches while our own registration holds. What goes wrong with one partition holds back no other,
 * and several takeovers of different partitions may be under way at once. Log loop only.
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

        private Target now(@Nullable Versioned<PartitionRecord> current) {
            return new Target(topic, partition, current);
        }
    }

    /**
     * What became of the targets; one in no part was deleted or changed meanwhile, which a later image shows.
     *
     * @param taken from here on nobody else may append to them
     * @param damaged acknowledged records of these cannot be found: they stay as they are for an operator to look at
     * @param failed could not be taken now, and why
     */
    record Result(List<Taken> taken, Map<PartitionId, LogException> damaged, Map<PartitionId, Throwable> failed) {
        private static Result empty() {
            return new Result(new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        }
    }

    /** A partition that is ours, with what its predecessors left in their streams. */
    record Taken(StoredPartition partition, InheritedChunks inherited) {}

    /** What a takeover needs of the rest of the log. */
    interface Workshop {
        /** A partition as its record says, with nothing gathered yet. */
        StoredPartition open(Versioned<TopicRecord> topic, Versioned<PartitionRecord> record);

        /** Whether the record names this incarnation in an epoch in which it must not lead any more. */
        boolean gaveUp(PartitionRecord record);

        /** Writes inherited chunks into segments until the record has room for one more tenure. */
        CompletableFuture<Void> cutTenures(StoredPartition partition);
    }

    /** What to write for a target; nothing where an earlier write, then in doubt, turned out to have made it ours. */
    private record Plan(Target target, Optional<PartitionChange> change, Optional<Taken> gathered) {
        void discard() {
            gathered.ifPresent(taken -> taken.partition()
                    .discard(new LogException(
                            LogException.Kind.NOT_LEADER, target.id() + " was not taken in this attempt")));
        }
    }

    private final MetadataKeys keys;
    private final EngineStores stores;
    private final GuardedCommits commits;
    private final PredecessorStreams streams;
    private final BrokerIncarnation me;
    private final Workshop workshop;

    Takeover(
            MetadataKeys keys,
            EngineStores stores,
            GuardedCommits commits,
            PredecessorStreams streams,
            BrokerIncarnation me,
            Workshop workshop) {
        this.keys = keys;
        this.stores = stores;
        this.commits = commits;
        this.streams = streams;
        this.me = me;
        this.workshop = workshop;
    }

    /** Takes what can be taken. No partition may be in two calls at a time. */
    CompletableFuture<Result> take(List<Target> targets) {
        var result = Result.empty();
        streams.begin();
        return round(targets, result, 0).handle((_, broken) -> {
            streams.end();
            if (broken != null) {
                // Nothing of what is planned for may get here; what was taken before is ours nevertheless.
                targets.forEach(target -> result.failed().putIfAbsent(target.id(), FutureFailure.cause(broken)));
                result.taken()
                        .forEach(taken ->
                                result.failed().remove(taken.partition().id()));
            }
            return result;
        });
    }

    private CompletableFuture<Void> round(List<Target> targets, Result result, int round) {
        if (targets.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        if (round == MAX_ROUNDS) {
            targets.forEach(target -> result.failed()
                    .put(
                            target.id(),
                            new LogException(
                                    LogException.Kind.STORAGE_UNAVAILABLE,
                                    "its record kept changing in " + MAX_ROUNDS + " attempts to take it")));
            return CompletableFuture.completedFuture(null);
        }
        var again = new ArrayList<Target>();
        var planning = targets.stream()
                .map(target -> planOf(target)
                        .thenApply(Optional::of)
                        .exceptionallyCompose(failure -> unplanned(target, failure, again, result)))
                .toList();
        return CompletableFuture.allOf(planning.toArray(CompletableFuture[]::new))
                .thenCompose(_ -> {
                    var plans = new ArrayList<Plan>();
                    planning.forEach(planned -> planned.join().ifPresent(plans::add));
                    return carryOut(plans, result);
                })
                .thenCompose(conflicts -> {
                    again.addAll(conflicts);
                    return round(again, result, round + 1);
                });
    }

    /**
     * What looks damaged may only be old: another broker took the partition meanwhile, wrote its segments, and what it had inherited
     * was deleted. Then its record is not what it was.
     */
    private CompletableFuture<Optional<Plan>> unplanned(
            Target target, Throwable failure, List<Target> again, Result result) {
        Versioned<PartitionRecord> before = target.record();
        if (before == null || Damage.in(FutureFailure.cause(failure)).isEmpty()) {
            giveUp(target, failure, result);
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return stores.partitions().get(target.id()).handle((now, unread) -> {
            if (unread != null) {
                giveUp(target, unread, result);
            } else if (now.isPresent() && now.get().modRevision() == before.modRevision()) {
                giveUp(target, failure, result);
            } else {
                again.add(target.now(now.orElse(null)));
            }
            return Optional.empty();
        });
    }

    /** Damage stays, everything else may pass; either costs the partition it is found in and no other. */
    private static void giveUp(Target target, Throwable failure, Result result) {
        Throwable cause = FutureFailure.cause(failure);
        Optional<LogException> damage = Damage.in(cause);
        if (damage.isPresent()) {
            LOG.error("A partition is damaged and stays closed [partition={}]", target.id(), cause);
            result.damaged().put(target.id(), damage.get());
        } else {
            result.failed().put(target.id(), cause);
        }
    }

    private CompletableFuture<Plan> planOf(Target target) {
        Versioned<PartitionRecord> record = target.record();
        if (record == null) {
            return CompletableFuture.completedFuture(new Plan(
                    target,
                    Optional.of(PartitionChange.create(keys, target.topic(), target.partition(), me)),
                    Optional.empty()));
        }
        return streams.inherited(record.value()).thenCompose(inherited -> {
            StoredPartition stored = workshop.open(target.topic(), record);
            return gather(target, new Taken(stored, inherited)).whenComplete((_, failure) -> {
                if (failure != null) {
                    stored.discard(new LogException(
                            LogException.Kind.NOT_LEADER, target.id() + " could not be taken", failure));
                }
            });
        });
    }

    private CompletableFuture<Plan> gather(Target target, Taken gathered) {
        try {
            gathered.partition().inherit(gathered.inherited());
            if (workshop.gaveUp(gathered.partition().record().value())) {
                throw new LogException(
                        LogException.Kind.NOT_LEADER, target.id() + " was given up in the epoch that its record shows");
            }
            if (gathered.partition().record().value().ledBy(me)) {
                return CompletableFuture.completedFuture(new Plan(target, Optional.empty(), Optional.of(gathered)));
            }
            if (closed(gathered).hasRoomForTenure()) {
                return CompletableFuture.completedFuture(acquire(target, gathered));
            }
            LOG.info("Writing segments before taking a partition with many tenures [partition={}]", target.id());
            return workshop.cutTenures(gathered.partition()).thenApply(_ -> acquire(target, gathered));
        } catch (RuntimeException unforeseen) {
            return CompletableFuture.failedFuture(unforeseen);
        }
    }

    private Plan acquire(Target target, Taken gathered) {
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

    /** Writes the plans down; returns what has to be tried again with what is known now. */
    private CompletableFuture<List<Target>> carryOut(List<Plan> plans, Result result) {
        var writing = new ArrayList<Plan>();
        var changes = new ArrayList<PartitionChange>();
        for (Plan plan : plans) {
            if (plan.change().isPresent()) {
                writing.add(plan);
                changes.add(plan.change().get());
            } else {
                result.taken().add(lead(plan, requireNonNull(plan.target().record())));
            }
        }
        return commits.commit(changes).thenCompose(outcomes -> {
            var again = new ArrayList<CompletableFuture<Optional<Target>>>();
            for (int i = 0; i < writing.size(); i++) {
                again.add(settle(writing.get(i), outcomes.get(i), result));
            }
            return CompletableFuture.allOf(again.toArray(CompletableFuture[]::new))
                    .thenApply(_ -> again.stream()
                            .flatMap(target -> target.join().stream())
                            .toList());
        });
    }

    private CompletableFuture<Optional<Target>> settle(Plan plan, PartitionOutcome outcome, Result result) {
        Target target = plan.target();
        if (outcome instanceof PartitionOutcome.Applied applied) {
            result.taken().add(lead(plan, new Versioned<>(applied.record(), applied.modRevision())));
            return CompletableFuture.completedFuture(Optional.empty());
        }
        plan.discard();
        return switch (outcome) {
            case PartitionOutcome.Conflict conflict ->
                CompletableFuture.completedFuture(Optional.of(target.now(conflict.current())));
            case PartitionOutcome.Failed failed -> readAgain(target, failed.cause(), result);
            default -> {
                LOG.debug("Left out a partition whose topic changed meanwhile [partition={}]", target.id());
                yield CompletableFuture.completedFuture(Optional.empty());
            }
        };
    }

    private Taken lead(Plan plan, Versioned<PartitionRecord> record) {
        Taken taken = plan.gathered()
                .orElseGet(() -> new Taken(
                        workshop.open(plan.target().topic(), record), InheritedChunks.of(record.value(), List.of())));
        taken.partition().lead(record);
        return taken;
    }

    private CompletableFuture<Optional<Target>> readAgain(Target target, MetadataException cause, Result result) {
        if (cause.kind() != MetadataException.Kind.OUTCOME_UNKNOWN) {
            giveUp(target, cause, result);
            return CompletableFuture.completedFuture(Optional.empty());
        }
        LOG.warn("A takeover is in doubt, reading back [partition={}]", target.id(), cause);
        return stores.partitions().get(target.id()).handle((record, failure) -> {
            if (failure != null) {
                giveUp(target, failure, result);
                return Optional.empty();
            }
            return Optional.of(target.now(record.orElse(null)));
        });
    }
}
