package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ProducerEntry;
import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the producer state of a partition at its segment end in the index of its newest segment. Belongs to the log loop; futures
 * complete on it and fail as those of {@link SegmentIndexes}.
 */
public final class ProducerSnapshots {
    /**
     * How many indexes are read at most: an index that was rebuilt does not have the whole state, and overlapping segments may hide
     * the one that reaches furthest.
     */
    private static final int MAX_STEPS = 8;

    private static final Logger LOG = LoggerFactory.getLogger(ProducerSnapshots.class);

    /**
     * Producer state at an offset.
     *
     * @param nextOffset every batch below it has been taken into account, and none at or above it
     */
    public record At(long nextOffset, ProducerStateSnapshot producers) {}

    private final SegmentIndexes indexes;

    /** Reads through {@code indexes}. */
    public ProducerSnapshots(SegmentIndexes indexes) {
        this.indexes = indexes;
    }

    /**
     * The state behind the segment end, or a little further where a segment of another leader reaches beyond it. Nothing is known
     * of producers where records were deleted before they became segments: what older segments still say could only make a live
     * producer look out of order, and Kafka forgets deleted batches too.
     */
    public CompletableFuture<At> atSegmentEnd(StoredPartition partition) {
        long end = partition.segmentEnd();
        if (end == 0 || end < partition.logStart()) {
            return CompletableFuture.completedFuture(new At(partition.coveredOffset(), ProducerStateSnapshot.EMPTY));
        }
        return new Search(partition, end).below(end);
    }

    /** Follows the indexes downwards. */
    private final class Search {
        private final StoredPartition partition;
        private final List<ProducerStateSnapshot> later = new ArrayList<>();
        private long reach;
        private long nextOffset;
        private int steps;

        Search(StoredPartition partition, long segmentEnd) {
            this.partition = partition;
            this.reach = segmentEnd;
            this.nextOffset = segmentEnd;
        }

        CompletableFuture<At> below(long offset) {
            return partition.catalog().newestBelow(offset).thenCompose(found -> {
                if (found.isEmpty() || steps++ == MAX_STEPS) {
                    return CompletableFuture.completedFuture(result(ProducerStateSnapshot.EMPTY));
                }
                Segment segment = found.get();
                return indexes.extended(partition.place(), segment)
                        .thenCompose(loaded -> take(segment, loaded))
                        .exceptionally(failure -> withoutDamaged(segment, failure));
            });
        }

        /** Producers that only a damaged segment knows are unknown, as if it had been deleted: that costs less than the partition. */
        private At withoutDamaged(Segment segment, Throwable failure) {
            if (!(FutureFailure.cause(failure) instanceof CorruptObjectException damage)) {
                throw new CompletionException(FutureFailure.cause(failure));
            }
            LOG.error(
                    "the producers of segment {} of {} are lost: {}",
                    segment.baseOffset(),
                    partition.place(),
                    damage.getMessage());
            return result(ProducerStateSnapshot.EMPTY);
        }

        private CompletableFuture<At> take(Segment segment, LoadedIndex loaded) {
            partition.catalog().learn(segment.baseOffset(), loaded.facts());
            if (loaded.lastOffset() + 1 >= reach) {
                if (later.isEmpty()) {
                    nextOffset = loaded.lastOffset() + 1;
                }
                ProducerStateSnapshot producers =
                        loaded.extension().orElseThrow().producers();
                if (producers.complete() || segment.baseOffset() <= partition.logStart()) {
                    return CompletableFuture.completedFuture(result(producers));
                }
                later.add(producers);
                reach = segment.baseOffset();
            }
            return below(segment.baseOffset());
        }

        private At result(ProducerStateSnapshot earliest) {
            if (steps > MAX_STEPS) {
                LOG.warn("the producers of {} are known from its last {} segments only", partition.place(), MAX_STEPS);
            }
            ProducerStateSnapshot state = earliest;
            for (ProducerStateSnapshot next : later.reversed()) {
                state = joined(state, next);
            }
            return new At(nextOffset, state);
        }
    }

    /**
     * What a partition remembers after two stretches of its log, the second of which was replayed on its own: exactly what
     * replaying both in one go would have left. The stretches may overlap.
     */
    public static ProducerStateSnapshot joined(ProducerStateSnapshot before, ProducerStateSnapshot later) {
        Map<Long, ProducerEntry> producers = new TreeMap<>();
        before.producers().forEach(entry -> producers.put(entry.producerId(), entry));
        later.producers().forEach(entry -> producers.merge(entry.producerId(), entry, ProducerSnapshots::joined));
        return new ProducerStateSnapshot(before.complete(), List.copyOf(producers.values()));
    }

    private static ProducerEntry joined(ProducerEntry before, ProducerEntry later) {
        if (before.producerEpoch() != later.producerEpoch() || later.batches().isEmpty()) {
            return later;
        }
        long from = later.batches().getFirst().baseOffset();
        var batches = new ArrayList<BatchEntry>();
        before.batches().stream().filter(batch -> batch.baseOffset() < from).forEach(batches::add);
        batches.addAll(later.batches());
        int surplus = Math.max(0, batches.size() - ProducerEntry.MAX_BATCHES);
        return new ProducerEntry(
                later.producerId(),
                later.producerEpoch(),
                batches.subList(surplus, batches.size()),
                later.lastTimestampMs());
    }
}
