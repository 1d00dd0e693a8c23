package io.kafscale.metastore.cluster;

/**
 * The offsets one leader epoch wrote, and the stream it wrote them to. A chunk of a WAL stream counts only inside a tenure of its
 * own stream and epoch. Immutable.
 *
 * @param startOffset the first offset of the epoch
 * @param endOffset the offset after its last, or {@link #OPEN} while its leader may append
 */
public record Tenure(int leaderEpoch, BrokerIncarnation stream, long startOffset, long endOffset) {
    /** The end offset of a tenure that has not ended: above every offset. */
    public static final long OPEN = Long.MAX_VALUE;

    /** Checks the range. */
    public Tenure {
        if (leaderEpoch < 0 || startOffset < 0 || endOffset < startOffset) {
            throw new IllegalArgumentException(
                    "no tenure has epoch " + leaderEpoch + " and offsets " + startOffset + ".." + endOffset);
        }
    }

    /** A tenure that begins at {@code startOffset}. */
    public static Tenure open(int leaderEpoch, BrokerIncarnation stream, long startOffset) {
        return new Tenure(leaderEpoch, stream, startOffset, OPEN);
    }

    /** Whether its leader may still append. */
    public boolean isOpen() {
        return endOffset == OPEN;
    }

    /** Whether it holds no offset and never will. */
    public boolean isEmpty() {
        return endOffset == startOffset;
    }

    /**
     * The tenure, ended.
     *
     * @throws IllegalStateException if it has ended already or would end before its start
     */
    public Tenure closedAt(long end) {
        if (!isOpen() || end < startOffset || end == OPEN) {
            throw new IllegalStateException("the tenure " + this + " cannot end at " + end);
        }
        return new Tenure(leaderEpoch, stream, startOffset, end);
    }

    /** Whether a chunk of this stream and epoch with these offsets, both inclusive, counts. */
    public boolean holds(long baseOffset, long lastOffset) {
        return startOffset <= baseOffset && baseOffset <= lastOffset && lastOffset < endOffset;
    }

    @Override
    public String toString() {
        return "epoch " + leaderEpoch + " in " + stream + " [" + startOffset + ", " + (isOpen() ? "open" : endOffset)
                + ")";
    }
}
