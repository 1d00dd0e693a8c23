package io.kafscale.log.read;

import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.log.LogException;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.segment.Segment;
import io.kafscale.log.segment.SegmentIndexes;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.log.segment.WaitingChunks;
import io.kafscale.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Offsets by time, as Kafka's ListOffsets answers them: the first record at or after a time, or the first record with the largest
 * timestamp of all. Indexes and the directory of waiting chunks say where to look; only there is anything read. Belongs to the log
 * loop; futures complete on it and fail with {@link io.kafscale.log.LogException}.
 */
public final class OffsetLookup {
    /** How much is read at a time to find a record. */
    static final int READ_BYTES = 1 << 20;

    private final EventLoop loop;
    private final LogReader reader;
    private final SearchedIndexes indexes;
    private final RecordTimestampFinder finder;
    private final NewestTimestamp newest;

    /** Looks up through the reader and the indexes. */
    public OffsetLookup(EventLoop loop, LogReader reader, SegmentIndexes indexes, RecordTimestampFinder finder) {
        this.loop = loop;
        this.reader = reader;
        this.indexes = new SearchedIndexes(indexes);
        this.finder = finder;
        this.newest = new NewestTimestamp(loop, reader, this.indexes, finder);
    }

    /** Answers a query about one partition. */
    public CompletableFuture<OffsetAnswer> lookup(PartitionLog log, OffsetQuery query) {
        CompletableFuture<OffsetAnswer> answer = switch (query) {
            case OffsetQuery.Earliest earliest ->
                CompletableFuture.completedFuture(new OffsetAnswer(
                        log.logStart(), -1, log.epochs().epochAt(log.logStart()).orElse(-1)));
            case OffsetQuery.Latest latest ->
                CompletableFuture.completedFuture(new OffsetAnswer(log.highWatermark(), -1, log.leaderEpoch()));
            case OffsetQuery.AtTime(long timestampMs) -> atTime(log, timestampMs);
            case OffsetQuery.MaxTimestamp maxTimestamp -> maxTimestamp(log);
        };
        return answer.thenApply(found -> stillLed(log, found))
                .exceptionallyCompose(failure -> LogReader.failed(log, log.logStart(), failure));
    }

    /** What was found while the partition was given up may have missed the records that went with it. */
    private static OffsetAnswer stillLed(PartitionLog log, OffsetAnswer found) {
        LogException closed = log.closed();
        if (closed != null) {
            throw closed;
        }
        return found;
    }

    private CompletableFuture<OffsetAnswer> atTime(PartitionLog log, long timestampMs) {
        return new TimeSearch(log, timestampMs).run();
    }

    /** Goes up the log from place to place where a record of that time may be, until one is. */
    private final class TimeSearch {
        private final PartitionLog log;
        private final StoredPartition partition;
        private final long timestampMs;
        private Iterator<Segment> segments = Collections.emptyIterator();
        private long segmentsListedTo;
        private boolean waitingDone;
        private OffsetAnswer answer = OffsetAnswer.NONE;

        TimeSearch(PartitionLog log, long timestampMs) {
            this.log = log;
            this.partition = log.stored();
            this.timestampMs = timestampMs;
        }

        CompletableFuture<OffsetAnswer> run() {
            CompletableFuture<Void> listed = CompletableFuture.completedFuture(null);
            if (partition.segmentEnd() > partition.logStart()) {
                listed = partition.catalog().listed().thenAccept(nothing -> {
                    segments = SearchedIndexes.segmentsOf(partition).iterator();
                    segmentsListedTo = partition.segmentEnd();
                });
            }
            return listed.thenCompose(nothing -> LoopFutures.repeat(this::next)).thenApply(nothing -> answer);
        }

        private @Nullable CompletableFuture<?> next() {
            if (answer.offset() >= 0 || waitingDone) {
                return null;
            }
            do {
                while (segments.hasNext()) {
                    Segment segment = segments.next();
                    if (segment.mayReach(timestampMs, partition.settings().timestampLeadMs())) {
                        return inSegment(segment);
                    }
                }
            } while (hasNewSegments());
            waitingDone = true;
            return inWaiting();
        }

        /** Waiting chunks may have become segments while older ones were searched. */
        private boolean hasNewSegments() {
            long end = partition.segmentEnd();
            if (end <= segmentsListedTo) {
                return false;
            }
            Long from = partition.catalog().known().floorKey(segmentsListedTo);
            segments = List.copyOf(partition
                            .catalog()
                            .known()
                            .subMap(from == null ? 0 : from, true, end, false)
                            .values())
                    .iterator();
            segmentsListedTo = end;
            return true;
        }

        private CompletableFuture<?> inSegment(Segment segment) {
            return indexes.of(partition, segment).thenCompose(found -> {
                OptionalLong start = found.map(
                                index -> index.extension().orElseThrow().scanStart(timestampMs))
                        .orElse(OptionalLong.empty());
                return start.isEmpty()
                        ? CompletableFuture.<Void>completedFuture(null)
                        : scan(start.getAsLong(), found.orElseThrow().lastOffset() + 1);
            });
        }

        private CompletableFuture<?> inWaiting() {
            WaitingChunks waiting = partition.waiting();
            for (int i = 0; i < waiting.size(); i++) {
                if (waiting.get(i).maxTimestampMs() >= timestampMs) {
                    return scan(waiting.get(i).baseOffset(), log.highWatermark());
                }
            }
            return CompletableFuture.completedFuture(null);
        }

        /** Reads from one offset to another until a batch has a record of that time. */
        private CompletableFuture<Void> scan(long from, long to) {
            var position = new Object() {
                long offset = from;
            };
            return LoopFutures.repeat(() -> {
                position.offset = Math.max(position.offset, log.logStart());
                return answer.offset() >= 0 || position.offset >= to
                        ? null
                        : Pins.during(pins -> reader.readAbove(log, position.offset, READ_BYTES, pins)
                                .thenCompose(read -> {
                                    position.offset = read.isEmpty() ? to : read.nextOffset();
                                    return inBatches(
                                            candidates(read, timestampMs).iterator());
                                }));
            });
        }

        private CompletableFuture<Void> inBatches(Iterator<ByteBuffer> batches) {
            return LoopFutures.repeat(
                    () -> answer.offset() >= 0 || !batches.hasNext() ? null : inBatch(batches.next()));
        }

        private CompletableFuture<Void> inBatch(ByteBuffer batch) {
            int epoch = RecordBatchView.at(batch, batch.position(), "lookup by time")
                    .partitionLeaderEpoch();
            return LoopFutures.hop(finder.firstAtOrAfter(batch, timestampMs, log.logStart()), loop)
                    .thenAccept(found -> found.ifPresent(
                            record -> answer = new OffsetAnswer(record.offset(), record.timestampMs(), epoch)));
        }
    }

    private static List<ByteBuffer> candidates(BatchSlices read, long timestampMs) {
        var batches = new ArrayList<ByteBuffer>();
        for (ByteBuffer slice : read.slices()) {
            for (RecordBatchView batch : RecordBatches.of(slice, "lookup by time")) {
                if (batch.maxTimestamp() >= timestampMs) {
                    batches.add(batch.slice());
                }
            }
        }
        return batches;
    }

    /** The first record with the largest timestamp is the first one at that time. */
    private CompletableFuture<OffsetAnswer> maxTimestamp(PartitionLog log) {
        long logStart = log.logStart();
        return newestRecord(log).thenCompose(found -> {
            boolean deletedMeanwhile = found.offset() < 0 && log.logStart() > logStart && log.closed() == null;
            return deletedMeanwhile ? maxTimestamp(log) : CompletableFuture.completedFuture(found);
        });
    }

    /** What the directories say is looked for first: only where it was deleted is anything read to find out what is left. */
    private CompletableFuture<OffsetAnswer> newestRecord(PartitionLog log) {
        return newest.atMost(log)
                .thenCompose(atMost -> firstAt(log, atMost)
                        .thenCompose(found -> found.offset() >= 0 || atMost < 0
                                ? CompletableFuture.completedFuture(found)
                                : newest.exactly(log).thenCompose(exactly -> firstAt(log, exactly))));
    }

    private CompletableFuture<OffsetAnswer> firstAt(PartitionLog log, long timestampMs) {
        return timestampMs < 0 ? CompletableFuture.completedFuture(OffsetAnswer.NONE) : atTime(log, timestampMs);
    }
}
