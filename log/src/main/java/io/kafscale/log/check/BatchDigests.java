package io.kafscale.log.check;

import io.kafscale.format.RecordBatchView;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The batches of one partition that are stored more than once: at one offset all must be the same. Belongs to the loop. */
final class BatchDigests {
    /** What tells one batch from another: the checksum covers everything but offsets, length and leader epoch. */
    private record Digest(long lastOffset, int bytes, int leaderEpoch, int crc, String where) {
        boolean sameBatch(Digest other) {
            return lastOffset == other.lastOffset
                    && bytes == other.bytes
                    && leaderEpoch == other.leaderEpoch
                    && crc == other.crc;
        }
    }

    private final TreeMap<Long, Digest> seen = new TreeMap<>();

    /** Notes a batch; the object that holds another one at its offsets, if one does. */
    Optional<String> contradicts(RecordBatchView batch, String where) {
        var digest =
                new Digest(batch.lastOffset(), batch.sizeInBytes(), batch.partitionLeaderEpoch(), batch.crc(), where);
        Map.Entry<Long, Digest> before = seen.floorEntry(batch.lastOffset());
        if (before != null && before.getValue().lastOffset() >= batch.baseOffset()) {
            boolean same =
                    before.getKey() == batch.baseOffset() && before.getValue().sameBatch(digest);
            return same ? Optional.empty() : Optional.of(before.getValue().where());
        }
        seen.put(batch.baseOffset(), digest);
        return Optional.empty();
    }
}
