package io.kafscale.log.check;

/**
 * A segment as the listing shows it. Immutable; any thread.
 *
 * @param dataBytes size of the {@code .kfs} file, -1 if there is none
 * @param dataMs when the store says that was written
 * @param indexBytes size of the {@code .index} file, -1 if there is none
 */
record ListedSegment(long baseOffset, long dataBytes, long dataMs, long indexBytes) {
    static ListedSegment none(long baseOffset) {
        return new ListedSegment(baseOffset, -1, 0, -1);
    }

    ListedSegment withData(long bytes, long writtenMs) {
        return new ListedSegment(baseOffset, bytes, writtenMs, indexBytes);
    }

    ListedSegment withIndex(long bytes) {
        return new ListedSegment(baseOffset, dataBytes, dataMs, bytes);
    }

    boolean hasData() {
        return dataBytes >= 0;
    }
}
