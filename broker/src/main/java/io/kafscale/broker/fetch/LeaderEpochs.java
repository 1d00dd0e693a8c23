package io.kafscale.broker.fetch;

import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.PartitionId;
import org.apache.kafka.common.protocol.Errors;

/** Compares the leader epoch a client believes in with the one the cluster image shows (KIP-320). */
final class LeaderEpochs {
    private LeaderEpochs() {}

    /** NONE if they agree or the client did not say ({@code -1}), else what Kafka answers. */
    static Errors check(ClusterView cluster, PartitionId partition, int believed) {
        int current = cluster.leader(partition).epoch();
        if (believed < 0 || believed == current) {
            return Errors.NONE;
        }
        return believed < current ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }
}
