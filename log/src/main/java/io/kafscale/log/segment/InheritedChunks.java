package io.kafscale.log.segment;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The chunks of earlier leaders that count, in offset order: those inside a tenure of their own stream and epoch that reach above
 * what segments cover. Immutable.
 *
 * @param refs dense; the first holds the covered offset or starts there
 * @param endOffset the offset after the last of them, where the next leader's tenure starts
 */
public record InheritedChunks(List<ChunkRef> refs, long endOffset) {
    /** Copies the list. */
    public InheritedChunks {
        refs = List.copyOf(refs);
    }

    /**
     * Picks the chunks that count.
     *
     * @param found all chunks of this partition in the streams that the record's tenures name, in any order
     * @throws LogException of kind CORRUPT if one is missing between two others, before the end of a closed tenure, or right above
     *     what is covered: the stream has lost what was acknowledged, and the partition must not go on without it
     */
    public static InheritedChunks of(PartitionRecord record, List<ChunkRef> found) {
        List<ChunkRef> counted = counted(record, found);
        Optional<LogException> gap = gap(record, counted);
        if (gap.isPresent()) {
            throw gap.get();
        }
        return new InheritedChunks(
                counted,
                counted.isEmpty()
                        ? record.coveredOffset()
                        : counted.getLast().chunk().lastOffset() + 1);
    }

    /** Whether {@code found} holds everything up to the end of the last closed tenure, so that {@link #of} would not throw. */
    public static boolean isWhole(PartitionRecord record, List<ChunkRef> found) {
        return gap(record, counted(record, found)).isEmpty();
    }

    /** The streams of those closed tenures of which {@code found} holds less than was acknowledged. */
    public static Set<BrokerIncarnation> lacking(PartitionRecord record, List<ChunkRef> found) {
        List<ChunkRef> counted = counted(record, found);
        var lacking = new HashSet<BrokerIncarnation>();
        for (Tenure tenure : record.tenures()) {
            long start = Math.max(tenure.startOffset(), record.coveredOffset());
            long offsets = counted.stream()
                    .filter(ref -> ref.chunk().leaderEpoch() == tenure.leaderEpoch())
                    .mapToLong(ref -> ref.chunk().lastOffset()
                            + 1
                            - Math.max(start, ref.chunk().baseOffset()))
                    .sum();
            if (!tenure.isOpen() && offsets < tenure.endOffset() - start) {
                lacking.add(tenure.stream());
            }
        }
        return lacking;
    }

    private static List<ChunkRef> counted(PartitionRecord record, List<ChunkRef> found) {
        var counted = new ArrayList<ChunkRef>();
        for (ChunkRef ref : found) {
            var chunk = ref.chunk();
            var stream =
                    new BrokerIncarnation(ref.stream().brokerId(), ref.stream().brokerEpoch());
            if (record.counts(stream, chunk.leaderEpoch(), chunk.baseOffset(), chunk.lastOffset())
                    && chunk.lastOffset() >= record.coveredOffset()) {
                counted.add(ref);
            }
        }
        counted.sort(Comparator.comparingLong(ref -> ref.chunk().baseOffset()));
        return counted;
    }

    private static Optional<LogException> gap(PartitionRecord record, List<ChunkRef> counted) {
        long next = record.coveredOffset();
        boolean first = true;
        for (ChunkRef ref : counted) {
            long base = ref.chunk().baseOffset();
            if (first ? base > next : base != next) {
                return Optional.of(missing(record, next, base));
            }
            first = false;
            next = ref.chunk().lastOffset() + 1;
        }
        long closedEnd = record.coveredOffset();
        for (Tenure tenure : record.tenures()) {
            closedEnd = Math.max(closedEnd, tenure.isOpen() ? tenure.startOffset() : tenure.endOffset());
        }
        return next < closedEnd ? Optional.of(missing(record, next, closedEnd)) : Optional.empty();
    }

    private static LogException missing(PartitionRecord record, long from, long to) {
        return new LogException(
                Kind.CORRUPT,
                "offsets " + from + ".." + (to - 1) + " of partition " + record.id()
                        + " are in no segment and in no WAL object of its tenures " + record.tenures());
    }
}
