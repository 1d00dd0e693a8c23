package io.kafscale.format.wal;

import java.util.List;

/**
 * The directory of an earlier object of the same stream, as repeated in a later footer. Immutable; any thread.
 *
 * @param sequence place of the earlier object
 * @param chunks its chunks; none for a genesis object
 */
public record WalDirectory(long sequence, List<WalChunk> chunks) {
    /** Every how many objects a footer repeats the directories of those before it, and of how many at most. */
    public static final int CONSOLIDATION_INTERVAL = 64;

    public WalDirectory {
        chunks = List.copyOf(chunks);
        if (sequence < 0) {
            throw new IllegalArgumentException("negative WAL sequence " + sequence);
        }
    }
}
