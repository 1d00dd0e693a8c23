package io.kafscale.coordinator;

import io.kafscale.metastore.cluster.BrokerIncarnation;

/**
 * One ownership of one shard: what every write of it is conditional on.
 *
 * @param incarnation who owns it: this broker, as it was when it took the shard
 * @param epoch the owner epoch, unique for the shard
 * @param revision the mod revision of the owner key
 */
record Ownership(ShardKeys keys, BrokerIncarnation incarnation, long epoch, long revision) {
    int shard() {
        return keys.shard();
    }
}
