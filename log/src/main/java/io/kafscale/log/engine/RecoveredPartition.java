package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import java.util.ArrayList;
import java.util.List;

/**
 * What the streams of a partition's tenures hold of it above its segments. Immutable.
 *
 * @param chunks those that count and reach above the covered offset, in offset order without a gap
 * @param endOffset the log end offset: where the open tenure ends, now that its stream is sealed
 */
record RecoveredPartition(List<ChunkRef> chunks, long endOffset) {
    RecoveredPartition {
        chunks = List.copyOf(chunks);
    }

    /**
     * Puts together what counts.
     *
     * @param found all chunks of the partition in the streams its record names, each stream in its own order
     * @throws LogException of kind CORRUPT if offsets that were acknowledged are missing
     */
    static RecoveredPartition of(PartitionRecord record, List<ChunkRef> found) {
        var counting = new ArrayList<ChunkRef>();
        long next = record.coveredOffset();
        for (Tenure tenure : record.tenures()) {
            for (ChunkRef ref : found) {
                if (!belongs(ref, tenure) || ref.chunk().lastOffset() < next) {
                    continue;
                }
                if (ref.chunk().baseOffset() > next) {
                    throw missing(record, next, ref.chunk().baseOffset());
                }
                counting.add(ref);
                next = ref.chunk().lastOffset() + 1;
            }
            if (!tenure.isOpen() && next < tenure.endOffset()) {
                throw missing(record, next, tenure.endOffset());
            }
        }
        return new RecoveredPartition(counting, next);
    }

    private static boolean belongs(ChunkRef ref, Tenure tenure) {
        return ref.chunk().leaderEpoch() == tenure.leaderEpoch()
                && isStream(ref, tenure.stream())
                && tenure.holds(ref.chunk().baseOffset(), ref.chunk().lastOffset());
    }

    private static boolean isStream(ChunkRef ref, BrokerIncarnation incarnation) {
        return ref.stream().brokerId() == incarnation.brokerId()
                && ref.stream().brokerEpoch() == incarnation.brokerEpoch();
    }

    private static LogException missing(PartitionRecord record, long from, long to) {
        return new LogException(
                LogException.Kind.CORRUPT,
                "acknowledged records are missing: offsets " + from + " to " + (to - 1) + " of partition " + record.id()
                        + " are neither in its segments nor in the streams of its tenures " + record.tenures());
    }
}
