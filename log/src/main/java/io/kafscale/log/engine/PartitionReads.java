package io.kafscale.log.engine;

import io.kafscale.log.EpochEnd;
import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.PartitionStatus;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.read.BlockCache;
import io.kafscale.log.read.EpochLookup;
import io.kafscale.log.read.FetchPlanner;
import io.kafscale.log.read.LogReader;
import io.kafscale.log.read.OffsetLookup;
import io.kafscale.log.read.PartitionLookup;
import io.kafscale.log.read.ReadSettings;
import io.kafscale.log.segment.Segment;
import io.kafscale.log.segment.StoredPartition;
import java.util.concurrent.CompletableFuture;

/** The reading half of a session: one block cache, and what finds bytes, offsets and epochs through it. Log loop only. */
final class PartitionReads {
    private final FetchPlanner fetches;
    private final EpochLookup epochs;
    private final OffsetLookup offsets;

    PartitionReads(EngineContext context, PartitionWork work, PartitionLookup partitions) {
        var settings = ReadSettings.of(context.settings().blockCacheBytes());
        var cache = new BlockCache(context.objects(), context.layout(), context.loop(), settings);
        var reader = new LogReader(cache, work.indexes(), settings);
        this.epochs = new EpochLookup(work.indexes());
        this.fetches = new FetchPlanner(context.loop(), work.deadlines(), reader, epochs, partitions, settings);
        this.offsets = new OffsetLookup(context.loop(), reader, work.indexes(), context.timestamps());
    }

    CompletableFuture<FetchResult> fetch(FetchQuery query) {
        return fetches.fetch(query);
    }

    CompletableFuture<EpochEnd> endOfEpoch(PartitionLog log, int leaderEpoch) {
        return epochs.endOf(log, leaderEpoch);
    }

    CompletableFuture<OffsetAnswer> lookup(PartitionLog log, OffsetQuery query) {
        return offsets.lookup(log, query);
    }

    /** Offsets from memory; the size takes a listing where the partition's segments are not known yet. */
    CompletableFuture<PartitionStatus> status(PartitionLog log) {
        StoredPartition stored = log.stored();
        boolean hasSegments = stored.segmentEnd() > stored.logStart();
        CompletableFuture<Void> listed =
                hasSegments ? stored.catalog().listed().thenApply(_ -> null) : CompletableFuture.completedFuture(null);
        return listed.thenApply(_ -> {
            long bytes = stored.waiting().bytes();
            if (hasSegments) {
                for (Segment segment : stored.catalog()
                        .known()
                        .headMap(stored.segmentEnd(), false)
                        .values()) {
                    bytes += segment.sizeBytes();
                }
            }
            return new PartitionStatus(
                    log.id(),
                    log.leaderEpoch(),
                    log.logStart(),
                    stored.segmentEnd(),
                    log.highWatermark(),
                    log.logEnd(),
                    bytes);
        });
    }
}
