package io.kafscale.metastore.cluster;

/**
 * A record with the revision that last wrote it: what the next write of it compares. Immutable.
 *
 * @param modRevision the store's modification revision of its key
 */
public record Versioned<T>(T value, long modRevision) {}
