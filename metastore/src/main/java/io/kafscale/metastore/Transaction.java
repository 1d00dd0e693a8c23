package io.kafscale.metastore;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes that apply together or not at all, if every compared key still has the expected revision. Immutable. Built within the
 * limits of etcd's defaults: {@value #MAX_OPERATIONS} comparisons, as many writes, {@value #MAX_BYTES} bytes.
 */
public final class Transaction {
    /** The most comparisons, and the most writes, of one transaction. */
    public static final int MAX_OPERATIONS = 128;

    /** The most bytes of keys and values of one transaction: etcd's 1.5 MiB less room for its envelope. */
    public static final int MAX_BYTES = 1_400_000;

    /** One write. */
    public sealed interface Write {
        /** The key written. */
        String key();

        /** Sets the key; {@code leaseId} 0 attaches it to no lease. */
        record Put(String key, Bytes value, long leaseId) implements Write {}

        /** Removes the key, if it is there. */
        record Delete(String key) implements Write {}
    }

    private final Map<String, Long> expected;
    private final List<Write> writes;
    private final long bytes;

    private Transaction(Map<String, Long> expected, List<Write> writes, long bytes) {
        this.expected = Map.copyOf(expected);
        this.writes = List.copyOf(writes);
        this.bytes = bytes;
    }

    /** Each compared key with the modification revision it must have; 0 means that it must not exist. */
    public Map<String, Long> expected() {
        return expected;
    }

    /** The writes, at most one per key. */
    public List<Write> writes() {
        return writes;
    }

    /** Bytes of keys and values. */
    public long sizeInBytes() {
        return bytes;
    }

    /** An empty builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects one transaction; for one thread. */
    public static final class Builder {
        private final Map<String, Long> expected = new LinkedHashMap<>();
        private final Map<String, Write> writes = new LinkedHashMap<>();
        private long bytes;

        private Builder() {}

        /** Requires that {@code key} was last written by {@code modRevision}; 0 requires that it does not exist. */
        public Builder require(String key, long modRevision) {
            Long before = expected.put(key, modRevision);
            if (before != null && before != modRevision) {
                throw new IllegalArgumentException("two different revisions are required of " + key);
            }
            bytes += before == null ? key.length() : 0;
            return this;
        }

        /** Requires that {@code key} does not exist. */
        public Builder requireAbsent(String key) {
            return require(key, 0);
        }

        /** Requires that nobody wrote {@code read} since it was read. */
        public Builder requireUnchanged(KeyValue read) {
            return require(read.key(), read.modRevision());
        }

        /** Sets {@code key}. */
        public Builder put(String key, Bytes value) {
            return put(key, value, 0);
        }

        /** Sets {@code key} and attaches it to a lease. */
        public Builder put(String key, Bytes value, long leaseId) {
            bytes += key.length() + value.size();
            return write(new Write.Put(key, value, leaseId));
        }

        /** Removes {@code key}. */
        public Builder delete(String key) {
            bytes += key.length();
            return write(new Write.Delete(key));
        }

        private Builder write(Write write) {
            if (writes.put(write.key(), write) != null) {
                throw new IllegalArgumentException("a transaction writes a key once only: " + write.key());
            }
            return this;
        }

        /** Comparisons or writes so far, whichever is more. */
        public int operations() {
            return Math.max(expected.size(), writes.size());
        }

        /** Bytes so far. */
        public long sizeInBytes() {
            return bytes;
        }

        /** The transaction; refuses one that is beyond the limits. */
        public Transaction build() {
            if (operations() > MAX_OPERATIONS || bytes > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "a transaction of " + expected.size() + " comparisons, " + writes.size() + " writes and "
                                + bytes + " bytes is beyond the limits of " + MAX_OPERATIONS + " and " + MAX_BYTES);
            }
            return new Transaction(expected, List.copyOf(writes.values()), bytes);
        }
    }
}
