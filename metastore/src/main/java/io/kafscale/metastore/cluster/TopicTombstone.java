package io.kafscale.metastore.cluster;

import java.util.UUID;

/**
 * The positive statement that a topic id was deleted: the fact that lets its objects, its partition records and its group offsets
 * be removed. It stays until all of them are. Immutable.
 *
 * @param partitions how many the topic had
 * @param deletedMs wall clock, milliseconds since the epoch
 */
public record TopicTombstone(UUID id, String name, String directory, int partitions, long deletedMs) {}
