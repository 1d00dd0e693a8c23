package io.kafscale.log.engine;

import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.segment.InheritedChunks;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a partition's earlier leaders left in their streams. The stream of a dead incarnation is ended before it is read
 * ({@link ClosedStreams}). That of a live one, which has handed the partition over, is read as it is and left alone: the tenure's end
 * says when everything has been found. What was read is kept between takeovers, within a bound, so that a broker that is handed
 * partitions reads only what is new each time. Log loop only.
 */
final class PredecessorStreams {
    private static final Logger LOG = LoggerFactory.getLogger(PredecessorStreams.class);

    /** Bound on what is kept of streams while no takeover needs it, but one is expected. */
    private static final long KEPT_BYTES = 64L << 20;

    /** The same while none is. */
    private static final long SPARE_BYTES = 16L << 20;

    /** Shortly before the hand-over of what is expected begins. */
    private static final Duration LAST_LOOK = HandOver.LEAD.minusMillis(150);

    /** Some chunks of a partition, and whether more may come to a stream that was looked at. */
    private record Found(List<ChunkRef> refs, boolean live) {}

    private final EventLoop loop;
    private final ClosedStreams closed;
    private final Supplier<ClusterImage> images;
    private final BrokerIncarnation me;
    private final Function<BrokerIncarnation, LiveStream> follow;
    private final Map<BrokerIncarnation, LiveStream> live = new LinkedHashMap<>(16, 0.75f, true);
    private Set<BrokerIncarnation> expected = Set.of();
    private Set<BrokerIncarnation> suspects = Set.of();
    private int users;

    /**
     * Nothing read yet.
     *
     * @param images the latest image
     * @param follow reads the stream of an incarnation that may be alive
     */
    PredecessorStreams(
            EventLoop loop,
            ClosedStreams closed,
            Supplier<ClusterImage> images,
            BrokerIncarnation me,
            Function<BrokerIncarnation, LiveStream> follow) {
        this.loop = loop;
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
        trim();
    }

    /**
     * Partitions of these records will be ours to take if their leaders, which are registered, turn out to be dead: reads ahead what a
     * takeover would have to, and keeps it while that is so. Nothing is written to the leaders' streams.
     */
    void foresee(Collection<PartitionRecord> records) {
        Set<BrokerIncarnation> before = suspects;
        suspects = records.stream()
                .map(PartitionRecord::leader)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
        closed.prepare(suspects);
        if (!before.containsAll(suspects)) {
            readAheadOf(records);
        }
        trim();
    }

    private void readAheadOf(Collection<PartitionRecord> records) {
        var open = new HashSet<BrokerIncarnation>();
        for (PartitionRecord record : records) {
            for (Tenure tenure : record.tenures()) {
                BrokerIncarnation stream = tenure.stream();
                if (isAlive(stream)) {
                    open.add(stream);
                } else {
                    closed.chunks(stream, record.id(), this::ahead).exceptionally(failure -> {
                        LOG.debug("Could not read ahead, a takeover will read it [stream={}]", stream, failure);
                        return List.of();
                    });
                }
            }
        }
        open.forEach(this::readAhead);
    }

    private void readAhead(BrokerIncarnation stream) {
        live(stream).refresh().whenComplete((_, failure) -> {
            if (failure != null) {
                LOG.info("Could not read ahead, a takeover will read it [stream={}]", stream, failure);
            }
            trim();
        });
    }

    /** The less has come since, the sooner it is read after the release. */
    private void lookOnceMore(BrokerIncarnation stream) {
        if (expected.contains(stream)) {
            live(stream).catchUp().exceptionally(failure -> {
                LOG.debug("Could not read ahead, a takeover will read it [stream={}]", stream, failure);
                return null;
            });
        }
    }

    /** What a stream that is to be closed holds so far. */
    private CompletableFuture<Optional<LiveStream>> ahead(BrokerIncarnation stream, boolean anew) {
        LiveStream known = anew ? live(stream) : live.get(stream);
        if (known == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        // What was read since it was suspected is all there is, if the suspicion was right.
        CompletableFuture<Void> read = !anew || suspects.contains(stream) ? known.settled() : known.catchUp();
        return read.handle((_, failure) -> {
            if (failure != null) {
                LOG.debug("Could not read while the stream was sealed [stream={}]", stream, failure);
            }
            return Optional.of(known);
        });
    }

    /** Partitions of these records are going to be handed over to us: reads ahead, and keeps it while they are expected. */
    void expect(Collection<PartitionRecord> records) {
        var streams = new HashSet<BrokerIncarnation>();
        records.forEach(record -> record.tenures().forEach(tenure -> streams.add(tenure.stream())));
        streams.removeIf(stream -> !isAlive(stream));
        Set<BrokerIncarnation> before = expected;
        expected = streams;
        for (BrokerIncarnation stream : streams) {
            if (!before.contains(stream)) {
                readAhead(stream);
                loop.schedule(LAST_LOOK, () -> lookOnceMore(stream));
            }
        }
        trim();
    }

    /**
     * Keeps what may still be needed, within bounds, unless a takeover needs it all. Of living streams that is also what is not expected
     * any more, so that the next time only what is new has to be read.
     */
    private void trim() {
        if (users > 0) {
            return;
        }
        if (suspects.isEmpty()) {
            closed.forget();
        }
        boolean needed = !expected.isEmpty() || !suspects.isEmpty();
        long bytes = live.values().stream().mapToLong(LiveStream::heapBytes).sum();
        var longestUnused = live.values().iterator();
        while (bytes > (needed ? KEPT_BYTES : SPARE_BYTES) && longestUnused.hasNext()) {
            LiveStream stream = longestUnused.next();
            if (!stream.isLooking()) {
                bytes -= stream.heapBytes();
                longestUnused.remove();
            }
        }
        if (bytes + closed.heapBytes() > KEPT_BYTES) {
            closed.forget();
        }
    }

    /**
     * What a partition inherits, by a record that shows no leader or one that is dead. Fails with {@link LogException}: NOT_LEADER if
     * its leader is registered, CORRUPT if something that was acknowledged cannot be found any more, STORAGE_UNAVAILABLE if it may
     * still be.
     */
    CompletableFuture<InheritedChunks> inherited(PartitionRecord record) {
        return gather(record, _ -> LiveStream::read)
                .thenCompose(found -> moreOf(record, found, LiveStream::catchUp))
                .thenCompose(found -> moreOf(record, found, LiveStream::refresh))
                .thenApply(found -> whole(record, found));
    }

    /** Looks again at the live streams that lack something, if any do. */
    private CompletableFuture<Found> moreOf(
            PartitionRecord record, Found found, Function<LiveStream, CompletableFuture<Void>> look) {
        if (!found.live() || InheritedChunks.isWhole(record, found.refs())) {
            return CompletableFuture.completedFuture(found);
        }
        Set<BrokerIncarnation> lacking = InheritedChunks.lacking(record, found.refs());
        return gather(record, stream -> lacking.isEmpty() || lacking.contains(stream) ? look : LiveStream::read);
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
            PartitionRecord record, Function<BrokerIncarnation, Function<LiveStream, CompletableFuture<Void>>> looks) {
        Map<BrokerIncarnation, Boolean> openAtEnd = new LinkedHashMap<>();
        for (Tenure tenure : record.tenures()) {
            // In a tenure of our own that has begun there is nothing yet, or we would be leading.
            if (!tenure.isOpen() || !tenure.stream().equals(me)) {
                openAtEnd.merge(tenure.stream(), tenure.isOpen(), Boolean::logicalOr);
            }
        }
        var reads = new ArrayList<CompletableFuture<Found>>();
        openAtEnd.forEach((stream, open) -> reads.add(chunks(stream, open, record.id(), looks.apply(stream))));
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
        var sealed = closed.chunks(stream, id, this::ahead).thenApply(refs -> new Found(refs, false));
        return openTenure
                ? sealed
                : sealed.exceptionallyCompose(failure ->
                        FutureFailure.cause(failure) instanceof LogException known && known.kind() == Kind.NOT_LEADER
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
