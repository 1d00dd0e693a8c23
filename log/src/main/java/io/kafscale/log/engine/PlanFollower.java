package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Brings what a session leads in line with the plan, whenever an image shows something new: takes what nobody alive leads, hands over
 * what others should lead, reads ahead what others are going to hand over or seem to leave behind. A change costs in proportion to
 * the partitions that it concerns; those are all of them where brokers come, go or change what they are ready for. Log loop only.
 */
final class PlanFollower {
    private final LeadershipMoves moves;
    private final Set<PartitionId> awaited = new HashSet<>();

    PlanFollower(LeadershipMoves moves) {
        this.moves = moves;
    }

    /** Looks at every partition; completes when what there is to take has been taken, see {@link TakeoverQueue#idle}. */
    CompletableFuture<Void> takeAll() {
        lookAtAll(moves.placement());
        return moves.takeovers().idle();
    }

    /** Looks at what a new image may have changed. */
    void follow(ClusterImage image, ClusterDelta delta) {
        bringInLine(image, delta);
        if (delta.changesBrokers() || !delta.suspicions().isEmpty()) {
            // Takeovers first here, too.
            moves.foresee(moves.placement().threatened());
        }
    }

    private void bringInLine(ClusterImage image, ClusterDelta delta) {
        if (delta.changesBrokers()) {
            lookAtAll(moves.placement());
            return;
        }
        var ids = new TreeSet<>(Placement.ORDER);
        ids.addAll(delta.partitions());
        ids.addAll(delta.pins());
        delta.createdTopics().forEach(topicId -> addPartitions(image, topicId, ids));
        delta.changedTopics().forEach(topicId -> addPartitions(image, topicId, ids));
        if (!delta.deletedTopics().isEmpty()) {
            awaited.stream()
                    .filter(id -> delta.deletedTopics().contains(id.topicId()))
                    .forEach(ids::add);
        }
        look(ids);
    }

    private static void addPartitions(ClusterImage image, UUID topicId, Set<PartitionId> ids) {
        image.topic(topicId).ifPresent(topic -> addPartitions(topic.value(), ids));
    }

    private static void addPartitions(TopicRecord topic, Collection<PartitionId> ids) {
        for (int partition = 0; partition < topic.partitions(); partition++) {
            ids.add(new PartitionId(topic.id(), partition));
        }
    }

    private void lookAtAll(Placement placement) {
        var ids = new ArrayList<PartitionId>();
        for (Versioned<TopicRecord> topic : placement.image().topics()) {
            addPartitions(topic.value(), ids);
        }
        boolean awaitedBefore = !awaited.isEmpty();
        awaited.clear();
        look(placement, ids, awaitedBefore);
    }

    /** Looks at these. */
    void look(Collection<PartitionId> ids) {
        look(moves.placement(), ids, false);
    }

    private void look(Placement placement, Collection<PartitionId> ids, boolean awaitedBefore) {
        var take = new ArrayList<PartitionId>();
        var giveUp = new ArrayList<PartitionId>();
        boolean awaitedChanged = awaitedBefore;
        for (PartitionId id : ids) {
            var task = placement.taskFor(id, moves.leads(id));
            switch (task) {
                case TAKE -> take.add(id);
                case GIVE_UP -> giveUp.add(id);
                case AWAIT, LEAVE -> {}
            }
            awaitedChanged |= task == Placement.Task.AWAIT ? awaited.add(id) : awaited.remove(id);
        }
        // Takeovers first: what was read ahead for them is kept until they end, though it is not expected any more.
        moves.takeovers().want(take);
        if (awaitedChanged) {
            moves.expect(records(placement.image()));
        }
        moves.handOver().want(giveUp);
    }

    private Collection<PartitionRecord> records(ClusterImage image) {
        var records = new ArrayList<PartitionRecord>(awaited.size());
        awaited.forEach(id -> image.partition(id).map(Versioned::value).ifPresent(records::add));
        return records;
    }
}
