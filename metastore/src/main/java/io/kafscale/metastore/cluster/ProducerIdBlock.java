package io.kafscale.metastore.cluster;

/**
 * Producer ids that are this broker's alone to give out. Immutable.
 *
 * @param firstId the first of them
 * @param size how many
 */
public record ProducerIdBlock(long firstId, int size) {
    /** Checks the range. */
    public ProducerIdBlock {
        if (firstId < 0 || size <= 0 || firstId > Long.MAX_VALUE - size) {
            throw new IllegalArgumentException("no producer-id block begins at " + firstId + " and has " + size);
        }
    }

    /** The id after the last. */
    public long endId() {
        return firstId + size;
    }
}
