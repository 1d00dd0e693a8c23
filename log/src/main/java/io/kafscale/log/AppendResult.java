package io.kafscale.log;

/**
 * Where an append ended up. A duplicate of an idempotent batch gets the offsets and the timestamp of the original.
 *
 * @param baseOffset offset of the first record
 * @param lastOffset offset of the last record
 * @param logStartOffset the partition's log start offset now
 * @param maxTimestampMs largest timestamp of the batch, milliseconds
 * @param duplicate whether the records were in the log already, and none was appended
 */
public record AppendResult(
        long baseOffset, long lastOffset, long logStartOffset, long maxTimestampMs, boolean duplicate) {
    /** The same, said when the log starts at {@code logStart}. */
    public AppendResult withLogStart(long logStart) {
        return new AppendResult(baseOffset, lastOffset, logStart, maxTimestampMs, duplicate);
    }
}
