package io.kafscale.format;

import java.util.List;

/**
 * What a partition remembers of its idempotent producers at one offset. Immutable; any thread.
 *
 * @param complete whether it covers the partition from its start. A snapshot that was derived from one segment alone is
 *     not complete: producers that wrote only before that segment are missing, and of others batches may be
 * @param producers one entry for each producer, ascending by id
 */
public record ProducerStateSnapshot(boolean complete, List<ProducerEntry> producers) {
    /** The state of a partition that no idempotent producer has written to. */
    public static final ProducerStateSnapshot EMPTY = new ProducerStateSnapshot(true, List.of());
    /** Nothing is known: the start for deriving the state from one segment alone. */
    public static final ProducerStateSnapshot UNKNOWN = new ProducerStateSnapshot(false, List.of());

    public ProducerStateSnapshot {
        producers = List.copyOf(producers);
        for (int i = 1; i < producers.size(); i++) {
            if (producers.get(i - 1).producerId() >= producers.get(i).producerId()) {
                throw new IllegalArgumentException("producers are not in ascending order of id");
            }
        }
    }
}
