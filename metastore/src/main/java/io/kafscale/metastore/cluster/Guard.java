package io.kafscale.metastore.cluster;

/**
 * A key that must still be as it was for a write of other keys to apply: the writer's own registration or stream. Immutable.
 *
 * @param modRevision the revision that last wrote it, or 0 if it must not exist
 */
public record Guard(String key, long modRevision) {}
