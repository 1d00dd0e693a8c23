package io.kafscale.simulation.broker;

import io.kafscale.format.ObjectLayout;
import io.kafscale.metastore.cluster.MetadataKeys;

/**
 * Where the simulated cluster keeps its things in both stores. Immutable.
 *
 * @param brokerId the one broker's id
 */
public record ClusterNames(ObjectLayout layout, MetadataKeys keys, int brokerId) {
    /** The names in a namespace. */
    public static ClusterNames of(String namespace) {
        return new ClusterNames(new ObjectLayout(namespace), new MetadataKeys(namespace), 1);
    }
}
