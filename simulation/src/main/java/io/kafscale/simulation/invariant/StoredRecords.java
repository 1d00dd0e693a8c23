package io.kafscale.simulation.invariant;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * The records of one partition in the two stores, as a reader that knows nothing but the formats would find them. Immutable.
 *
 * @param logStart first offset that is readable
 * @param segmentEnd offsets below it are read from segments, the others from the WAL
 * @param segments batches in segments, by base offset
 * @param wal batches in WAL objects that count, by base offset
 */
public record StoredRecords(
        long logStart, long segmentEnd, NavigableMap<Long, ReadBatch> segments, NavigableMap<Long, ReadBatch> wal) {
    /** The batch that holds {@code offset} where readers look for it. */
    public Optional<ReadBatch> at(long offset) {
        var place = offset < segmentEnd ? segments : wal;
        return Optional.ofNullable(place.floorEntry(offset))
                .map(Map.Entry::getValue)
                .filter(batch -> batch.lastOffset() >= offset);
    }
}
