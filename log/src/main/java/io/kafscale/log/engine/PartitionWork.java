package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.partition.PartitionListener;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.partition.PartitionServices;
import io.kafscale.log.partition.TailCache;
import io.kafscale.log.partition.WalAppender;
import io.kafscale.log.segment.Leadership;
import io.kafscale.log.segment.ObjectCollector;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.log.segment.PartitionRecords;
import io.kafscale.log.segment.PartitionStores;
import io.kafscale.log.segment.ProducerSnapshots;
import io.kafscale.log.segment.Retention;
import io.kafscale.log.segment.Segment;
import io.kafscale.log.segment.SegmentIndexes;
import io.kafscale.log.segment.SegmentListener;
import io.kafscale.log.segment.SegmentSettings;
import io.kafscale.log.segment.SegmentWriter;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.log.wal.ChunkOwner;
import io.kafscale.log.wal.WalWriter;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.ByteBudget;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the partitions of one session share: the WAL they append to, caches, the segment writer and retention. Log loop only.
 */
final class PartitionWork implements PartitionListener, SegmentListener {
    private static final Duration PRODUCER_EXPIRATION = Duration.ofDays(1);
    private static final long DIRECTORY_BYTES = 32L << 20;

    /** Segments are read in pieces of about this size. */
    private static final int BLOCK_BYTES = 1 << 20;

    /** A part of the block cache is for indexes, which are small and read first. */
    private static final int INDEX_SHARE = 8;

    private final Map<PartitionId, PartitionLog> open = new HashMap<>();
    private final Deadlines deadlines;
    private final PartitionStores stores;
    private final SegmentIndexes indexes;
    private final ObjectCollector collector;
    private final SegmentWriter segments;
    private final Retention retention;
    private final PartitionServices services;
    private final PartitionListener lost;

    /**
     * Nothing to work on yet.
     *
     * @param records how partition records are written under this session's registration
     * @param leadership whether this session still counts
     * @param lost told when the metadata store says that somebody else leads a partition
     */
    PartitionWork(
            EngineContext context,
            WalWriter wal,
            PartitionRecords records,
            Leadership leadership,
            PartitionListener lost) {
        this.lost = lost;
        this.deadlines = new Deadlines(context.loop());
        this.stores = new PartitionStores(
                context.objects(),
                context.layout(),
                records,
                (stream, sequence) -> {
                    // A chunk of an earlier incarnation's stream frees nothing by itself: closed streams go as a whole.
                    if (stream.equals(wal.stream())) {
                        wal.covered(sequence);
                    }
                },
                leadership,
                new ByteBudget("WAL directory", DIRECTORY_BYTES),
                context.loop());
        this.indexes = new SegmentIndexes(
                context.objects(),
                context.layout(),
                context.loop(),
                context.settings().blockCacheBytes() / INDEX_SHARE,
                BLOCK_BYTES);
        this.collector = new ObjectCollector(
                context.objects(), context.loop(), context.settings().collectGrace());
        this.segments = new SegmentWriter(
                stores, indexes, SegmentSettings.defaults(), this, deadlines, context.random(), context.compute());
        this.retention = new Retention(
                stores, indexes, collector, this, deadlines, context.settings().retentionCheckInterval());
        this.services = new PartitionServices(
                context.loop(),
                new Appender(wal),
                new TailCache(context.settings().tailCacheBytes()),
                deadlines,
                new ProducerSnapshots(indexes),
                PRODUCER_EXPIRATION,
                this);
    }

    private record Appender(WalWriter wal) implements WalAppender {
        @Override
        public void append(ChunkOwner owner, List<ByteBuffer> batches, long pinnedBytes) {
            wal.append(owner, batches, pinnedBytes);
        }

        @Override
        public void release(long pinnedBytes) {
            wal.buffer().release(pinnedBytes);
        }
    }

    /** Opens a partition that was taken and looks after it. */
    PartitionLog open(Takeover.Taken taken) {
        StoredPartition stored = taken.partition();
        PartitionLog log = PartitionLog.open(stored, taken.inherited(), services);
        open.put(log.id(), log);
        segments.track(stored);
        retention.track(stored);
        return log;
    }

    /** Looks after a partition no longer. */
    void forget(PartitionLog log) {
        if (open.remove(log.id(), log)) {
            segments.untrack(log.stored());
            retention.untrack(log.stored());
        }
    }

    /** The topic's configs changed. */
    void settingsChanged(PartitionLog log) {
        segments.waits(log.stored());
        retention.changed(log.id());
    }

    /** Starts nothing new in the background. */
    void close() {
        segments.close();
        collector.close();
        List.copyOf(open.values()).forEach(this::forget);
    }

    @Override
    public void committed(PartitionLog partition) {
        segments.waits(partition.stored());
    }

    @Override
    public void lost(PartitionLog partition, LogException cause) {
        forget(partition);
        lost.lost(partition, cause);
    }

    @Override
    public void segmentWritten(PartitionPlace place, Segment segment) {
        PartitionLog log = open.get(place.id());
        if (log != null) {
            retention.changed(log.id());
        }
    }

    @Override
    public void logStartMoved(PartitionPlace place, long logStartOffset) {
        PartitionLog log = open.get(place.id());
        if (log != null) {
            log.tail().dropBelow(log.logStart());
        }
    }

    PartitionStores stores() {
        return stores;
    }

    SegmentWriter segments() {
        return segments;
    }

    SegmentIndexes indexes() {
        return indexes;
    }

    Retention retention() {
        return retention;
    }

    Deadlines deadlines() {
        return deadlines;
    }
}
