package io.kafscale.format;

/** What the key of a WAL object says: whose stream, and which place in it. Immutable; any thread. */
public record WalKey(StreamId stream, long sequence) {
    public WalKey {
        if (sequence < 0) {
            throw new IllegalArgumentException("negative WAL sequence " + sequence);
        }
    }
}
