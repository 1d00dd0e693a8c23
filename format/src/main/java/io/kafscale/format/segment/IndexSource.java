package io.kafscale.format.segment;

import io.kafscale.format.ProducerStateSnapshot;
import java.util.UUID;

/**
 * What an index needs beside its {@code .kfs} file. Immutable; any thread.
 *
 * @param topicId id of the topic
 * @param partition partition of the topic
 * @param intervalRecords fewest records between two entries, at least 1
 * @param producersBefore producer state before the segment's first record;
 *     {@link ProducerStateSnapshot#UNKNOWN} if only the file is there
 */
public record IndexSource(UUID topicId, int partition, int intervalRecords, ProducerStateSnapshot producersBefore) {
    public IndexSource {
        if (intervalRecords < 1) {
            throw new IllegalArgumentException("index interval of " + intervalRecords + " records");
        }
    }
}
