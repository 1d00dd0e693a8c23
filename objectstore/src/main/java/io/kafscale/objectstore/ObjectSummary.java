package io.kafscale.objectstore;

/**
 * A key and what a listing tells of it.
 *
 * @param size bytes
 * @param lastModifiedMs milliseconds since the epoch by the store's clock
 */
public record ObjectSummary(String key, long size, long lastModifiedMs) {}
