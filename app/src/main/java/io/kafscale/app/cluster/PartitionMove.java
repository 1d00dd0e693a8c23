package io.kafscale.app.cluster;

import io.kafscale.app.cli.CommandException;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.PartitionId;
import java.util.List;
import java.util.Optional;

/** Pins partitions to brokers, and leaves them to the plan again. On the main thread. */
final class PartitionMove {
    private final ClusterSession session;

    /** Moves partitions of a cluster that is being followed. */
    PartitionMove(ClusterSession session) {
        this.session = session;
    }

    /**
     * Has a broker lead partitions, now and whenever it may.
     *
     * @param wait whether to return only when it leads them
     */
    void move(List<PartitionName> partitions, int brokerId, boolean wait) {
        requireServing(brokerId);
        for (PartitionName partition : partitions) {
            boolean pinned = session.await(
                    "pinning " + partition,
                    session.placement().pin(partition.topic(), partition.partition(), brokerId));
            if (!pinned) {
                throw new CommandException("Topic '" + partition.topic().name() + "' was deleted in this moment.");
            }
        }
        if (wait) {
            awaitPlanned(partitions, Optional.of(brokerId));
        }
    }

    /** Leaves partitions to the plan. */
    void unpin(List<PartitionName> partitions, boolean wait) {
        for (PartitionName partition : partitions) {
            session.await("unpinning " + partition, session.placement().unpin(id(partition)));
        }
        if (wait) {
            awaitPlanned(partitions, Optional.empty());
        }
    }

    private void requireServing(int brokerId) {
        ClusterImage image = session.image();
        BrokerIncarnation target = BrokerDrain.find(image, brokerId)
                .orElseThrow(() -> new CommandException("There is no broker " + brokerId
                        + " that could lead anything. Registered are " + BrokerDrain.ids(image) + "."));
        if (!image.isServing(target)) {
            throw new CommandException("Broker " + brokerId + " is " + ClusterView.state(image, target)
                    + ": it would be given nothing. Name one that serves"
                    + (image.isDraining(target) ? ", or say 'kafscale cluster undrain " + brokerId + "' first." : "."));
        }
    }

    /** The image may be older than what was written: it has to show the pins first. */
    private void awaitPlanned(List<PartitionName> partitions, Optional<Integer> pin) {
        session.awaitImage(
                image -> "waiting for " + count(left(image, partitions, pin)),
                image -> left(image, partitions, pin).isEmpty());
    }

    private static String count(List<PartitionName> left) {
        return left.size() == 1 ? left.getFirst().toString() : left.size() + " partitions";
    }

    /** Those that are not led as they should be, with this pin. */
    private static List<PartitionName> left(ClusterImage image, List<PartitionName> partitions, Optional<Integer> pin) {
        LeadershipPlan plan = LeadershipPlan.of(image);
        return partitions.stream()
                .filter(partition -> {
                    if (image.topic(partition.topic().id()).isEmpty()) {
                        throw new CommandException("Topic '" + partition.topic().name() + "' was deleted meanwhile.");
                    }
                    Optional<BrokerIncarnation> planned = plan.leaderOf(id(partition));
                    return !image.pin(id(partition)).equals(pin)
                            || planned.isEmpty()
                            || !planned.equals(ClusterView.leader(image, id(partition)));
                })
                .toList();
    }

    private static PartitionId id(PartitionName partition) {
        return new PartitionId(partition.topic().id(), partition.partition());
    }
}
