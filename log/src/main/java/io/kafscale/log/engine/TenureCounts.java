package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.metastore.cluster.Versioned;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many tenures name each stream, kept up with the image at the cost of what changed and not of what there is. Log loop only.
 */
final class TenureCounts {
    private final Map<BrokerIncarnation, Integer> counts = new HashMap<>();

    /** The image changed; every change has to be told, in order, from the empty image on. */
    void follow(ClusterImage before, ClusterImage image, ClusterDelta delta) {
        for (PartitionId id : delta.partitions()) {
            add(before.partition(id), -1);
            add(image.partition(id), 1);
        }
    }

    private void add(Optional<Versioned<PartitionRecord>> record, int sign) {
        record.ifPresent(present -> {
            for (Tenure tenure : present.value().tenures()) {
                counts.merge(tenure.stream(), sign, (was, change) -> was + change == 0 ? null : was + change);
            }
        });
    }

    /** Whether some tenure names the stream. */
    boolean isNamed(BrokerIncarnation stream) {
        return counts.containsKey(stream);
    }
}
