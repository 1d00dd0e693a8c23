package io.kafscale.log.engine;

import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.segment.InheritedChunks;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a partition's earlier leaders left in their streams. The stream of a dead incarnation is ended before it is read
 * ({@link ClosedStreams}). That of a live one, which has handed the partition over, is read as it is and left alone: the tenure's end
 * says when everything has been found. What was read of live streams is kept between takeovers, within a bound, so that a broker
 * that is handed many partitions reads only what is new each time. Log loop only.
 */
final class PredecessorStreams {
    private static final Logger LOG = LoggerFactory.getLogger(PredecessorStreams.class);

    /** Bound on what is kept of live streams while no takeover needs it. */
    private static final long KEPT_BYTES = 64L << 20;

    /** Some chunks of a partition, and whether more may come to a stream that was looked at. */
    private record Found(List<ChunkRef> refs, boolean live) {}

    private final ClosedStreams closed;
    private final Supplier<ClusterImage> images;
    private final BrokerIncarnation me;
    private final Function<BrokerIncarnation, LiveStream> follow;
    private final Map<BrokerIncarnation, LiveStream> live = new HashMap<>();
    private Set<BrokerIncarnation> expected = Set.of();
    private int users;

    /**
     * Nothing read yet.
     *
     * @param images the latest image
     * @param follow reads the stream of an incarnation that may be alive
     */
    PredecessorStreams(
            ClosedStreams closed,
            Supplier<ClusterImage> images,
            BrokerIncarnation me,
            Function<BrokerIncarnation, LiveStream> follow) {
        this.closed = closed;
        this.images = images;
        this.me = me;
        this.follow = follow;
    }

    /**
     * Whether a chunk may be needed by somebody, going by an image that may be old. What is covered stays so, whoever leads.
     */
    static boolean mayBeNeeded(ClusterImage image, WalChunk chunk) {
        return image.partition(new PartitionId(chunk.topicId(), chunk.partition()))
                .map(record -> chunk.lastOffset() >= record.value().coveredOffset())
                .orElse(true);
    }

    /** Ends the stream of an incarnation that is not registered. */
    CompletableFuture<?> close(BrokerIncarnation incarnation) {
        return closed.close(incarnation);
    }

    /** A takeover begins: what is read from now on is kept until it {@linkplain #end ends}. */
    void begin() {
        users++;
    }

    /** A takeover has ended. */
    void end() {
        users--;
        if (users == 0) {
            closed.forget();
            trim();
        }
    }

    /** Partitions of these records are going to be handed over to us: reads ahead, and keeps it while they are expected. */
    void expect(Collection<PartitionRecord> records) {
        var streams = new HashSet<BrokerIncarnation>();
        records.forEach(record -> record.tenures().forEach(tenure -> streams.add(tenure.stream())));
        streams.removeIf(stream -> !isAlive(stream));
        expected = streams;
        for (BrokerIncarnation stream : streams) {
            if (!live.containsKey(stream)) {
                live(stream).read().whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.info("Could not read ahead, a takeover will read it [stream={}]", stream, failure);
                    }
                    if (users == 0) {
                        trim();
                    }
                });
            }
        }
        if (users == 0) {
            trim();
        }
    }

    private void trim() {
        live.entrySet()
                .removeIf(stream -> !expected.contains(stream.getKey())
                        && !stream.getValue().isLooking());
        long bytes = live.values().stream().mapToLong(LiveStream::heapBytes).sum();
        if (bytes > KEPT_BYTES) {
            live.values().removeIf(stream -> !stream.isLooking());
        }
    }

    /**
     * What a partition inherits, by a record that shows no leader or one that is dead. Fails with {@link LogException}: NOT_LEADER if
     * its leader is registered, CORRUPT if something that was acknowledged cannot be found any more, STORAGE_UNAVAILABLE if it may
     * still be.
     */
    CompletableFuture<InheritedChunks> inherited(PartitionRecord record) {
        return gather(record, LiveStream::read).thenCompose(found -> {
            if (!found.live() || InheritedChunks.isWhole(record, found.refs())) {
                return CompletableFuture.completedFuture(InheritedChunks.of(record, found.refs()));
            }
            return gather(record, LiveStream::refresh).thenApply(again -> whole(record, again));
        });
    }

    private static InheritedChunks whole(PartitionRecord record, Found found) {
        if (found.live() && !InheritedChunks.isWhole(record, found.refs())) {
            // Its leader was alive when it said where its tenure ends: once its stream is closed, that will tell.
            throw new LogException(
                    Kind.STORAGE_UNAVAILABLE,
                    "not all that partition " + record.id()
                            + " inherits is there, and some of it is in an open stream: " + record.tenures());
        }
        return InheritedChunks.of(record, found.refs());
    }

    private CompletableFuture<Found> gather(
            PartitionRecord record, Function<LiveStream, CompletableFuture<Void>> look) {
        Map<BrokerIncarnation, Boolean> openAtEnd = new LinkedHashMap<>();
        for (Tenure tenure : record.tenures()) {
            // In a tenure of our own that has begun there is nothing yet, or we would be leading.
            if (!tenure.isOpen() || !tenure.stream().equals(me)) {
                openAtEnd.merge(tenure.stream(), tenure.isOpen(), Boolean::logicalOr);
            }
        }
        var reads = new ArrayList<CompletableFuture<Found>>();
        openAtEnd.forEach((stream, open) -> reads.add(chunks(stream, open, record.id(), look)));
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).thenApply(_ -> {
            var refs = new ArrayList<ChunkRef>();
            boolean anyLive = false;
            for (CompletableFuture<Found> read : reads) {
                refs.addAll(read.join().refs());
                anyLive |= read.join().live();
            }
            return new Found(refs, anyLive);
        });
    }

    private CompletableFuture<Found> chunks(
            BrokerIncarnation stream,
            boolean openTenure,
            PartitionId id,
            Function<LiveStream, CompletableFuture<Void>> look) {
        if (!openTenure && isAlive(stream)) {
            return liveChunks(stream, id, look);
        }
        var sealed = closed.chunks(stream, id).thenApply(refs -> new Found(refs, false));
        return openTenure
                ? sealed
                : sealed.exceptionallyCompose(failure ->
                        LoopFutures.unwrap(failure) instanceof LogException known && known.kind() == Kind.NOT_LEADER
                                ? liveChunks(stream, id, look)
                                : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<Found> liveChunks(
            BrokerIncarnation stream, PartitionId id, Function<LiveStream, CompletableFuture<Void>> look) {
        LiveStream followed = live(stream);
        return look.apply(followed).thenApply(_ -> new Found(followed.of(id), true));
    }

    private LiveStream live(BrokerIncarnation stream) {
        return live.computeIfAbsent(stream, follow);
    }

    /** Whether more may come to a stream, as far as the image knows. */
    private boolean isAlive(BrokerIncarnation stream) {
        return stream.equals(me) || images.get().isRegistered(stream);
    }
}
