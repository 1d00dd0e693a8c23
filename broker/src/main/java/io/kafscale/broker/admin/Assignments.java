package io.kafscale.broker.admin;

import java.util.HashSet;
import java.util.List;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;

/**
 * Checks manual replica assignments. Who leads a partition follows from the live brokers, so an assignment decides nothing here;
 * tools that make one are not turned away for it, unless it makes no sense.
 */
final class Assignments {
    private Assignments() {}

    /** Refuses an assignment that Kafka refuses whatever brokers there are. */
    static void check(List<Integer> brokerIds) {
        if (brokerIds.isEmpty()) {
            throw new InvalidReplicaAssignmentException(
                    "The manual partition assignment includes an empty replica list.");
        }
        if (new HashSet<>(brokerIds).size() != brokerIds.size()) {
            throw new InvalidReplicaAssignmentException(
                    "The manual partition assignment includes the same broker more than once.");
        }
        if (brokerIds.stream().anyMatch(id -> id < 0)) {
            throw new InvalidReplicaAssignmentException(
                    "The manual partition assignment includes an invalid broker id.");
        }
    }
}
