package io.kafscale.metastore;

/**
 * A key as it stood at some revision.
 *
 * @param createRevision the revision that created it (it changes when a key is deleted and created again)
 * @param modRevision the revision that last wrote it: what a {@link Transaction} compares
 * @param leaseId the lease it goes with, or 0
 */
public record KeyValue(String key, Bytes value, long createRevision, long modRevision, long leaseId) {}
