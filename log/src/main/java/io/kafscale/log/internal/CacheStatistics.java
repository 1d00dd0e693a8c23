package io.kafscale.log.internal;

/**
 * What a cache has done since it was made.
 *
 * @param hits answers from memory
 * @param joins answers by a load that another caller had started
 * @param loads loads started, read-ahead included
 * @param evictions entries dropped for room
 * @param bytes held now
 */
public record CacheStatistics(long hits, long joins, long loads, long evictions, long bytes) {}
