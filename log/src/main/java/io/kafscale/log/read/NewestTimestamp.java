package io.kafscale.log.read;

import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.segment.Segment;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.log.segment.WaitingChunk;
import io.kafscale.log.segment.WaitingChunks;
import io.kafscale.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The largest timestamp of all records of a partition. Indexes and the directory of waiting chunks tell it, but for the place that
 * the log start has moved into: what they say of that may be of a record that was deleted, and then the rest of it has to be read.
 * Belongs to the log loop; futures complete on it.
 */
final class NewestTimestamp {
    private static final long NONE = -1;

    private final EventLoop loop;
    private final LogReader reader;
    private final SearchedIndexes indexes;
    private final RecordTimestampFinder finder;

    NewestTimestamp(EventLoop loop, LogReader reader, SearchedIndexes indexes, RecordTimestampFinder finder) {
        this.loop = loop;
        this.reader = reader;
        this.indexes = indexes;
        this.finder = finder;
    }

    /**
     * What the directories say: no record is newer.
     *
     * @return -1 if there is none
     */
    CompletableFuture<Long> atMost(PartitionLog log) {
        return newest(log, 0);
    }

    /**
     * What the records say, with everything read that the log start has moved into.
     *
     * @return -1 if there is none
     */
    CompletableFuture<Long> exactly(PartitionLog log) {
        return newest(log, log.logStart())
                .thenCompose(
                        above -> endOfStraddling(log.stored()).thenCompose(end -> new Reading(log, end, above).run()));
    }

    /** The largest timestamp of the places that begin at {@code from} or above, the newest segments first: it usually is there. */
    private CompletableFuture<Long> newest(PartitionLog log, long from) {
        StoredPartition partition = log.stored();
        var newest = new Object() {
            long timestampMs = NONE;
        };
        WaitingChunks waiting = partition.waiting();
        for (int i = 0; i < waiting.size(); i++) {
            WaitingChunk chunk = waiting.get(i);
            newest.timestampMs =
                    Math.max(newest.timestampMs, chunk.baseOffset() < from ? NONE : chunk.maxTimestampMs());
        }
        if (partition.segmentEnd() <= partition.logStart()) {
            return CompletableFuture.completedFuture(newest.timestampMs);
        }
        return partition
                .catalog()
                .listed()
                .thenCompose(nothing -> {
                    var segments =
                            SearchedIndexes.segmentsOf(partition).reversed().iterator();
                    return LoopFutures.repeat(() -> {
                        while (segments.hasNext()) {
                            Segment segment = segments.next();
                            if (segment.baseOffset() >= from
                                    && segment.mayReach(
                                            newest.timestampMs,
                                            partition.settings().timestampLeadMs())) {
                                return indexes.of(partition, segment)
                                        .thenAccept(found -> found.ifPresent(index -> newest.timestampMs = Math.max(
                                                newest.timestampMs,
                                                index.facts().maxTimestampMs())));
                            }
                        }
                        return null;
                    });
                })
                .thenApply(nothing -> newest.timestampMs);
    }

    /** Where the segment or chunk ends that begins below the log start and goes on behind it; the log start if there is none. */
    private CompletableFuture<Long> endOfStraddling(StoredPartition partition) {
        long logStart = partition.logStart();
        if (logStart < partition.segmentEnd()) {
            Segment first = SearchedIndexes.segmentsOf(partition).getFirst();
            return first.baseOffset() >= logStart
                    ? CompletableFuture.completedFuture(logStart)
                    : indexes.of(partition, first)
                            .thenApply(found ->
                                    found.map(index -> index.lastOffset() + 1).orElse(logStart));
        }
        int chunk = partition.waiting().indexOf(logStart);
        return CompletableFuture.completedFuture(
                chunk < 0 ? logStart : partition.waiting().get(chunk).lastOffset() + 1);
    }

    /** Reads from the log start on. */
    private final class Reading {
        private final PartitionLog log;
        private final long end;
        private long position;
        private long newestMs;

        Reading(PartitionLog log, long end, long newestMs) {
            this.log = log;
            this.end = end;
            this.newestMs = newestMs;
        }

        CompletableFuture<Long> run() {
            return LoopFutures.repeat(() -> {
                        position = Math.max(position, log.logStart());
                        return position >= end
                                ? null
                                : Pins.during(pins -> reader.readAbove(log, position, OffsetLookup.READ_BYTES, pins)
                                        .thenCompose(this::take));
                    })
                    .thenApply(nothing -> newestMs);
        }

        private CompletableFuture<Void> take(BatchSlices read) {
            position = read.isEmpty() ? end : read.nextOffset();
            CompletableFuture<Void> taken = CompletableFuture.completedFuture(null);
            for (ByteBuffer slice : read.slices()) {
                for (RecordBatchView batch : RecordBatches.of(slice, "lookup of the largest timestamp")) {
                    if (batch.maxTimestamp() <= newestMs) {
                        continue;
                    }
                    if (batch.baseOffset() >= log.logStart()) {
                        newestMs = batch.maxTimestamp();
                    } else {
                        ByteBuffer bytes = batch.slice();
                        taken = taken.thenCompose(nothing -> newestIn(bytes));
                    }
                }
            }
            return taken;
        }

        /** The batch that the log start has moved into, record by record. */
        private CompletableFuture<Void> newestIn(ByteBuffer batch) {
            var left = new Object() {
                boolean any = true;
            };
            return LoopFutures.repeat(() -> !left.any
                    ? null
                    : LoopFutures.hop(finder.firstAtOrAfter(batch, newestMs + 1, log.logStart()), loop)
                            .thenAccept(found -> {
                                left.any = found.isPresent();
                                found.ifPresent(record -> newestMs = Math.max(newestMs, record.timestampMs()));
                            }));
        }
    }
}
