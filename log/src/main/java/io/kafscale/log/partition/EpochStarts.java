package io.kafscale.log.partition;

import io.kafscale.log.EpochEnd;
import io.kafscale.metastore.cluster.Tenure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Where the leader epochs began that reach above the segment end when the partition was opened, and those since: the tenures of
 * its record. Older ones are in the indexes of segments. Belongs to the log loop.
 */
public final class EpochStarts {
    private final TreeMap<Integer, Long> starts = new TreeMap<>();

    EpochStarts(List<Tenure> tenures) {
        tenures.forEach(tenure -> starts.put(tenure.leaderEpoch(), tenure.startOffset()));
    }

    /** The oldest epoch known here and where it began. */
    public Map.Entry<Integer, Long> oldest() {
        return starts.firstEntry();
    }

    /** The epoch of the record at {@code offset}, if it is one of those known here. */
    public OptionalInt epochAt(long offset) {
        OptionalInt found = OptionalInt.empty();
        for (Map.Entry<Integer, Long> start : starts.entrySet()) {
            if (start.getValue() > offset) {
                break;
            }
            found = OptionalInt.of(start.getKey());
        }
        return found;
    }

    /**
     * Where {@code epoch} ended (KIP-101): the start of the next higher epoch, together with the largest epoch that is not above it.
     *
     * @param end where the newest epoch ends for now
     * @return empty if the answer is in older segments
     */
    public Optional<EpochEnd> endOf(int epoch, long end) {
        if (epoch < 0 || epoch > starts.lastKey()) {
            return Optional.of(EpochEnd.UNDEFINED);
        }
        Map.Entry<Integer, Long> floor = starts.floorEntry(epoch);
        if (floor == null) {
            return Optional.empty();
        }
        Map.Entry<Integer, Long> higher = starts.higherEntry(epoch);
        return Optional.of(new EpochEnd(floor.getKey(), higher == null ? end : higher.getValue()));
    }
}
