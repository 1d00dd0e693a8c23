package io.kafscale.format.segment;

import io.kafscale.format.ProducerStateSnapshot;
import java.util.List;
import java.util.OptionalLong;

/**
 * What our indexes carry behind the entries that every reader knows. Immutable; any thread.
 *
 * @param identity the file that the index was built from
 * @param times time index, ascending in both fields; its last entry is {@code maxTimestamp}, and it is empty if no record
 *     has a timestamp
 * @param epochs leader-epoch starts, ascending in both fields
 * @param producers producer state behind the segment's last record
 * @param maxTimestamp greatest timestamp in the segment and the base offset of the first batch that has it, or
 *     {@link TimeEntry#NONE}
 */
public record IndexExtension(
        SegmentIdentity identity,
        List<TimeEntry> times,
        List<EpochStart> epochs,
        ProducerStateSnapshot producers,
        TimeEntry maxTimestamp) {

    public IndexExtension {
        times = List.copyOf(times);
        epochs = List.copyOf(epochs);
    }

    /**
     * Where to start looking for the first record with this timestamp or a later one: no record before that offset has
     * it. Empty if no record of the segment has.
     */
    public OptionalLong scanStart(long timestampMs) {
        if (times.isEmpty() || maxTimestamp.maxTimestampMs() < timestampMs) {
            return OptionalLong.empty();
        }
        int low = 0;
        int high = times.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (times.get(middle).maxTimestampMs() < timestampMs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return OptionalLong.of(
                low == 0 ? identity.baseOffset() : times.get(low - 1).offset());
    }
}
