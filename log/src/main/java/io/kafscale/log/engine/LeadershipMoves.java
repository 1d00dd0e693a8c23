package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one session takes and what it gives up, as the plan wants it: {@link PlanFollower} says what, {@link TakeoverQueue} and
 * {@link HandOver} see to it. Log loop only.
 */
final class LeadershipMoves {
    private final ImageKeeper images;
    private final Session session;
    private final BrokerIncarnation me;
    private final PredecessorStreams streams;
    private final Takeover takeover;
    private final TakeoverQueue takeovers;
    private final HandOver handOver;
    private final PlanFollower plan;
    private final Map<PartitionId, LogException> damaged = new HashMap<>();

    /** The epochs in which the session led and leads no more, as long as the image may still name it as the leader in them. */
    private final Map<PartitionId, Integer> givenUp = new HashMap<>();

    private @Nullable Placement placement;

    /** Nothing to take or to give yet. */
    LeadershipMoves(
            EngineContext context, EngineStores stores, GuardedCommits commits, ImageKeeper images, Session session) {
        this.images = images;
        this.session = session;
        this.me = session.incarnation();
        this.streams = stores.predecessors(me, images::image);
        this.takeover = new Takeover(context.metadata().keys(), stores, commits, streams, me, new Opening());
        this.takeovers = new TakeoverQueue(context, new Taking());
        this.handOver = new HandOver(context, stores.partitions(), commits, me, new Giving());
        this.plan = new PlanFollower(this);
    }

    TakeoverQueue takeovers() {
        return takeovers;
    }

    HandOver handOver() {
        return handOver;
    }

    /** What the latest image says the session should do. */
    Placement placement() {
        ClusterImage image = images.image();
        Placement known = placement;
        if (known == null || known.image() != image) {
            known = new Placement(image, me);
            placement = known;
        }
        return known;
    }

    /** Whether the session leads a partition. */
    boolean leads(PartitionId id) {
        return session.partition(id).isPresent();
    }

    /** Takes what there is to take; see {@link PlanFollower#takeAll}. */
    CompletableFuture<Void> takeAll() {
        return plan.takeAll();
    }

    /** Partitions of these records are going to be handed over to the session. */
    void expect(Collection<PartitionRecord> records) {
        streams.expect(records);
    }

    /** Partitions of these records will be the session's to take if their leaders are dead, as others suspect. */
    void foresee(Collection<PartitionRecord> records) {
        streams.foresee(records);
    }

    /** Ends the stream of another incarnation, which is not registered. */
    CompletableFuture<?> close(BrokerIncarnation other) {
        return streams.close(other);
    }

    /** A newer image may say something else. */
    void follow(ClusterImage image, ClusterDelta delta) {
        if (!damaged.isEmpty()) {
            // It was said of the record as it was. Whoever has led it since could read what was missing then.
            damaged.keySet().removeAll(delta.partitions());
            damaged.keySet().removeIf(id -> delta.deletedTopics().contains(id.topicId()));
        }
        delta.partitions().forEach(id -> forgetGivenUp(id, image));
        plan.follow(image, delta);
        handOver.follow(image, delta);
    }

    /**
     * An image that shows less than what the session has written itself proves nothing: a later one may still name the session in the
     * epoch that it gave up. Only what came after that, or the end of the partition, lets it be forgotten.
     */
    private void forgetGivenUp(PartitionId id, ClusterImage image) {
        Integer epoch = givenUp.get(id);
        if (epoch == null) {
            return;
        }
        boolean over = image.partition(id)
                .map(Versioned::value)
                .map(record -> record.leaderEpoch() > epoch || (record.leaderEpoch() == epoch && !record.ledBy(me)))
                .orElse(true);
        if (over) {
            givenUp.remove(id);
        }
    }

    /** Whether a record names the session as the leader in an epoch that is over for it: never again lead by such a record. */
    private boolean gaveUp(PartitionRecord record) {
        return record.ledBy(me) && record.leaderEpoch() <= givenUp.getOrDefault(record.id(), -1);
    }

    /** The session found out that it does not lead a partition any more. */
    void lost(PartitionLog log) {
        givenUp.put(log.id(), log.leaderEpoch());
    }

    /** Whether it is settled who serves the partition: the session, another broker, or nobody because it is damaged. */
    boolean isSettled(PartitionId id) {
        return leads(id) || damaged.containsKey(id) || placement().isLedElsewhere(id);
    }

    /** Why nobody serves the partition, if it is damaged. */
    Optional<LogException> damage(PartitionId id) {
        return Optional.ofNullable(damaged.get(id));
    }

    /** Whether the session leads nothing and has settled what it gave up, or nobody could lead it instead. */
    boolean isDrained() {
        return (session.leadsNothing() && handOver.isIdle()) || !placement().hasOthers();
    }

    private final class Opening implements Takeover.Workshop {
        @Override
        public StoredPartition open(Versioned<TopicRecord> topic, Versioned<PartitionRecord> record) {
            return session.stored(topic, record);
        }

        @Override
        public boolean gaveUp(PartitionRecord record) {
            return LeadershipMoves.this.gaveUp(record);
        }

        @Override
        public CompletableFuture<Void> cutTenures(StoredPartition partition) {
            return session.work().segments().writeInherited(partition);
        }
    }

    private final class Taking implements TakeoverQueue.Leader {
        @Override
        public Optional<Takeover.Target> target(PartitionId id) {
            boolean mine = placement().taskFor(id, leads(id)) == Placement.Task.TAKE
                    && !damaged.containsKey(id)
                    && !handOver.isReleasing(id);
            return mine ? placement().target(id).filter(this::isNotGivenUp) : Optional.empty();
        }

        /** The release is on its way to the image, which makes us look again. */
        private boolean isNotGivenUp(Takeover.Target target) {
            Versioned<PartitionRecord> record = target.record();
            return record == null || !gaveUp(record.value());
        }

        @Override
        public CompletableFuture<Map<PartitionId, Throwable>> take(List<Takeover.Target> targets) {
            return takeover.take(targets).thenApply(result -> {
                var failed = new LinkedHashMap<>(result.failed());
                for (Takeover.Taken taken : result.taken()) {
                    try {
                        session.lead(taken);
                    } catch (RuntimeException unforeseen) {
                        failed.put(taken.partition().id(), unforeseen);
                    }
                }
                damaged.putAll(result.damaged());
                // The plan may have changed while they were taken.
                plan.look(result.taken().stream()
                        .map(taken -> taken.partition().id())
                        .toList());
                session.partitionsChanged();
                return failed;
            });
        }

        @Override
        public boolean isOver() {
            return session.ended() != null;
        }
    }

    private final class Giving implements HandOver.Leader {
        @Override
        public Optional<PartitionLog> wantedElsewhere(PartitionId id) {
            return session.partition(id).filter(log -> placement().taskFor(id, true) == Placement.Task.GIVE_UP);
        }

        @Override
        public void giveUp(PartitionLog log, LogException cause) {
            givenUp.put(log.id(), log.leaderEpoch());
            session.giveUp(log, cause);
        }

        @Override
        public CompletableFuture<Void> flush() {
            return session.wal().flush();
        }

        @Override
        public boolean isConfirmed() {
            return session.isConfirmed();
        }

        @Override
        public boolean isOver() {
            return session.ended() != null;
        }

        @Override
        public void released(Collection<PartitionId> ids) {
            plan.look(ids);
            session.partitionsChanged();
        }
    }
}
