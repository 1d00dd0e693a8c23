package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one incarnation should do about each partition, as one image says: the plan of who should lead, held against the records of
 * who does. Every broker looks at its own part only. Immutable.
 */
final class Placement {
    /** Any order will do that is the same in every run. */
    static final Comparator<PartitionId> ORDER =
            Comparator.comparing(PartitionId::topicId).thenComparingInt(PartitionId::partition);

    /** What there is to do. */
    enum Task {
        /**
         * The plan gives it to us, and nobody alive leads it. Or its record names us, though we do not lead it: an acquisition of which
         * we have not heard was applied. Nobody else may lead it then, so it is up to us to lead it and to hand it over.
         */
        TAKE,
        /** The plan gives it to us, and its leader, which is alive, will hand it over. */
        AWAIT,
        /** We lead it, and the plan gives it to another broker, which is ready for it. */
        GIVE_UP,
        /** Nothing. */
        LEAVE
    }

    private final ClusterImage image;
    private final BrokerIncarnation me;
    private final LeadershipPlan plan;
    private final boolean mayGiveUp;

    /** What {@code me} should do. */
    Placement(ClusterImage image, BrokerIncarnation me) {
        this.image = image;
        this.me = me;
        this.plan = LeadershipPlan.of(image);
        this.mayGiveUp = image.isServing(me) || image.isDraining(me);
    }

    /** The image it goes by. */
    ClusterImage image() {
        return image;
    }

    /**
     * What to do about a partition.
     *
     * @param led whether this incarnation leads it now
     */
    Task taskFor(PartitionId id, boolean led) {
        Optional<BrokerIncarnation> planned = plan.leaderOf(id);
        if (planned.isEmpty()) {
            return Task.LEAVE;
        }
        boolean mine = planned.get().equals(me);
        if (led) {
            return !mine && mayGiveUp && image.isServing(planned.get()) ? Task.GIVE_UP : Task.LEAVE;
        }
        if (topicOf(id).isEmpty()) {
            return Task.LEAVE;
        }
        BrokerIncarnation leader = image.partition(id)
                .map(Versioned::value)
                .map(PartitionRecord::leader)
                .orElse(null);
        if (me.equals(leader)) {
            return Task.TAKE;
        }
        if (!mine) {
            return Task.LEAVE;
        }
        // Whoever wrote a record was registered before: if the image shows the record and not the registration, that
        // has gone.
        return leader == null || !image.isRegistered(leader) ? Task.TAKE : Task.AWAIT;
    }

    /** The records of the partitions that will be ours to take if the brokers that are suspected to be dead are. */
    List<PartitionRecord> threatened() {
        Set<BrokerIncarnation> suspects = image.suspects();
        if (suspects.isEmpty()) {
            return List.of();
        }
        var then = LeadershipPlan.without(suspects, image);
        return image.topics().stream()
                .flatMap(topic -> image.partitions(topic.value().id()).values().stream())
                .map(Versioned::value)
                .filter(record -> record.leader() != null && suspects.contains(record.leader()))
                .filter(record -> then.leaderOf(record.id()).filter(me::equals).isPresent())
                .toList();
    }

    /** What a takeover of the partition goes by, if there is such a partition. */
    Optional<Takeover.Target> target(PartitionId id) {
        return topicOf(id)
                .map(topic -> new Takeover.Target(
                        topic, id.partition(), image.partition(id).orElse(null)));
    }

    private Optional<Versioned<TopicRecord>> topicOf(PartitionId id) {
        return image.topic(id.topicId())
                .filter(topic -> id.partition() < topic.value().partitions());
    }

    /** Whether another broker leads the partition and is alive. */
    boolean isLedElsewhere(PartitionId id) {
        return image.partition(id)
                .map(Versioned::value)
                .map(PartitionRecord::leader)
                .filter(leader -> !leader.equals(me) && image.isRegistered(leader))
                .isPresent();
    }

    /** Whether there is a broker beside this one that is ready to lead. */
    boolean hasOthers() {
        return plan.candidates().stream().anyMatch(other -> !other.equals(me) && image.isServing(other));
    }
}
