package io.kafscale.coordinator;

import io.kafscale.metastore.Transaction;

/** How much of a shard the store takes at once. */
final class StoreLimits {
    /** Left of a transaction for the owner and end keys of its guard and for the removal of a write-ahead value. */
    private static final int RESERVED_BYTES = 4_096;

    /** The most record writes of a transaction: one write is the end key, one may remove a write-ahead value. */
    private static final int MAX_WRITES = Transaction.MAX_OPERATIONS - 2;

    /** The most bytes of record writes of a transaction, and of a write-ahead value. */
    private static final int MAX_BYTES = Transaction.MAX_BYTES - RESERVED_BYTES;

    /** What a record takes in a write-ahead value beyond its key and value, at most: lengths, attributes, deltas. */
    private static final int WRITE_AHEAD_RECORD_BYTES = 32;

    private static final int WRITE_AHEAD_HEADER_BYTES = 128;

    /** A bound of a number of writes and their bytes. */
    interface Limit {
        boolean admits(int writes, long bytes);
    }

    private StoreLimits() {}

    /** Whether these record writes fit one transaction. */
    static boolean transaction(int writes, long bytes) {
        return writes <= MAX_WRITES && bytes <= MAX_BYTES;
    }

    /** Whether these record writes fit one write-ahead value; each of them fits a transaction then. */
    static boolean writeAhead(int writes, long bytes) {
        return writeAheadBytes(writes, bytes) <= MAX_BYTES;
    }

    /** An upper bound of the size of the write-ahead value that holds these record writes. */
    static long writeAheadBytes(int writes, long bytes) {
        return WRITE_AHEAD_HEADER_BYTES + bytes + (long) writes * WRITE_AHEAD_RECORD_BYTES;
    }
}
