package io.kafscale.log;

/**
 * Where an append ended up. A duplicate of an idempotent batch gets the result of the original.
 *
 * @param baseOffset offset of the first record
 * @param lastOffset offset of the last record
 * @param logStartOffset the partition's log start offset now
 * @param maxTimestampMs largest timestamp of the batch, milliseconds
 */
public record AppendResult(long baseOffset, long lastOffset, long logStartOffset, long maxTimestampMs) {}
