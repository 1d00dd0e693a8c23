package io.kafscale.metastore.embedded;

/**
 * Bounds of the embedded metadata store.
 *
 * @param historyRevisions how many revisions a watch may start in the past
 * @param historyBytes how many bytes of keys and values these revisions may hold
 * @param snapshotAfterBytes how much is journaled before a snapshot replaces it, in bytes (and at least twice the last snapshot)
 * @param pendingBytes how much may wait for the disk before commits are refused, in bytes of keys and values
 * @param pendingAnswers how many answers may wait for the disk before calls are refused
 */
public record EmbeddedSettings(
        int historyRevisions, long historyBytes, long snapshotAfterBytes, long pendingBytes, int pendingAnswers) {
    /** Checks that all are positive. */
    public EmbeddedSettings {
        if (historyRevisions < 0
                || historyBytes < 0
                || snapshotAfterBytes <= 0
                || pendingBytes <= 0
                || pendingAnswers <= 0) {
            throw new IllegalArgumentException("the bounds of the embedded metadata store are positive");
        }
    }

    /** What a broker uses. */
    public static EmbeddedSettings defaults() {
        return new EmbeddedSettings(10_000, 16 << 20, 16 << 20, 32 << 20, 100_000);
    }
}
