package io.kafscale.coordinator;

/**
 * One ownership of one shard: what every write of it is conditional on.
 *
 * @param epoch the owner epoch, unique for the shard
 * @param revision the mod revision of the owner key
 */
record Ownership(int shard, ShardKeys keys, long epoch, long revision) {}
