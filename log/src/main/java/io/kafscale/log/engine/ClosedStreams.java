package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.LogException;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.log.wal.SealedStream;
import io.kafscale.log.wal.StreamReader;
import io.kafscale.log.wal.StreamSealer;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.StreamChangeResult;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.StreamRecord.State;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of dead incarnations, each sealed and read once however many partitions need it. The order of DESIGN's takeover is
 * kept here: the registration is gone and the stream marked closing, then seal and verify, then footers. Log loop only.
 */
final class ClosedStreams {
    private static final Logger LOG = LoggerFactory.getLogger(ClosedStreams.class);

    /** All chunks of one closed stream, by partition. */
    private record Contents(Map<PartitionId, List<ChunkRef>> chunks) {}

    /**
     * A stream that has ended.
     *
     * @param written completes when the metadata store says so too, for which nobody who reads the stream has to wait
     */
    private record Ended(SealedStream end, CompletableFuture<?> written) {
        Ended(SealedStream end) {
            this(end, CompletableFuture.completedFuture(null));
        }
    }

    private final Supplier<ClusterImage> images;
    private final BrokerRegistry registry;
    private final StreamSealer sealer;
    private final StreamReader reader;
    private final Predicate<WalChunk> wanted;
    private final Map<BrokerIncarnation, CompletableFuture<Contents>> read = new HashMap<>();
    private final Map<BrokerIncarnation, CompletableFuture<Ended>> underWay = new HashMap<>();

    /**
     * Nothing read yet.
     *
     * @param images the latest image
     * @param wanted which chunks to keep; asked when a footer is read
     */
    ClosedStreams(
            Supplier<ClusterImage> images,
            BrokerRegistry registry,
            StreamSealer sealer,
            StreamReader reader,
            Predicate<WalChunk> wanted) {
        this.images = images;
        this.registry = registry;
        this.sealer = sealer;
        this.reader = reader;
        this.wanted = wanted;
    }

    /**
     * The chunks of one partition in a stream, closing and sealing the stream first where that was not done. Fails with
     * {@link LogException}: NOT_LEADER while its broker is registered, CORRUPT where objects are missing or damaged.
     */
    CompletableFuture<List<ChunkRef>> chunks(BrokerIncarnation incarnation, PartitionId partition) {
        CompletableFuture<Contents> known = read.get(incarnation);
        if (known == null) {
            known = ending(incarnation)
                    .thenCompose(
                            ended -> read(ended.end()).thenCombine(ended.written(), (contents, written) -> contents));
            read.put(incarnation, known);
            known.whenComplete((_, failure) -> {
                if (failure != null) {
                    // Whoever comes next tries again.
                    read.remove(incarnation);
                }
            });
        }
        return known.thenApply(all -> all.chunks().getOrDefault(partition, List.of()));
    }

    /** Forgets what was read: the partitions that needed it are open. */
    void forget() {
        read.clear();
    }

    /**
     * Ends the stream of an incarnation that is not registered, if nobody has done so yet. Fails like {@link #chunks}.
     */
    CompletableFuture<SealedStream> close(BrokerIncarnation incarnation) {
        return ending(incarnation).thenCompose(ended -> ended.written().thenApply(_ -> ended.end()));
    }

    /** Partitions and groups of one dead broker want its stream ended at the same time: that is done once. */
    private CompletableFuture<Ended> ending(BrokerIncarnation incarnation) {
        CompletableFuture<Ended> known = underWay.get(incarnation);
        if (known != null) {
            return known;
        }
        CompletableFuture<Ended> ending = end(incarnation);
        underWay.put(incarnation, ending);
        ending.thenCompose(Ended::written).whenComplete((_, _) -> underWay.remove(incarnation, ending));
        return ending;
    }

    private CompletableFuture<Ended> end(BrokerIncarnation incarnation) {
        ClusterImage image = images.get();
        var closed = new CompletableFuture<Void>();
        // What sealing has to read can be read while the metadata store is told.
        Optional<CompletableFuture<SealedStream>> sealing = Optional.ofNullable(
                        image.streams().get(incarnation))
                .filter(stream -> stream.value().sealSequence() == null && !image.isRegistered(incarnation))
                .map(_ -> sealer.seal(streamOf(incarnation), closed));
        return registry.markClosing(incarnation, image)
                .thenCompose(result -> {
                    Versioned<StreamRecord> stream = requireClosed(incarnation, result);
                    if (stream.value().sealSequence() == null) {
                        closed.complete(null);
                    } else {
                        closed.cancel(false); // somebody else has sealed it
                    }
                    return endOf(stream, sealing);
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        closed.completeExceptionally(LoopFutures.unwrap(failure));
                    }
                });
    }

    private static Versioned<StreamRecord> requireClosed(BrokerIncarnation incarnation, StreamChangeResult result) {
        return switch (result) {
            case StreamChangeResult.Changed changed -> changed.stream();
            case StreamChangeResult.StillRegistered alive ->
                throw new LogException(
                        LogException.Kind.NOT_LEADER,
                        "broker " + incarnation + " is registered at "
                                + alive.registration().host() + ":"
                                + alive.registration().port());
            case StreamChangeResult.Illegal illegal ->
                throw new LogException(LogException.Kind.CORRUPT, illegal.reason());
            case StreamChangeResult.Forgotten _ -> throw collected(incarnation);
            case StreamChangeResult.NotFound missing ->
                throw new LogException(
                        LogException.Kind.CORRUPT,
                        "a partition names the stream " + incarnation + ", of which the metadata store knows nothing");
        };
    }

    /** No tenure named it any more when it was collected: whoever asks goes by a record that has been overtaken. */
    private static LogException collected(BrokerIncarnation incarnation) {
        return new LogException(
                LogException.Kind.STORAGE_UNAVAILABLE, "stream " + incarnation + " has been collected meanwhile");
    }

    private static StreamId streamOf(BrokerIncarnation incarnation) {
        return new StreamId(incarnation.brokerId(), incarnation.brokerEpoch());
    }

    private CompletableFuture<Ended> endOf(
            Versioned<StreamRecord> record, Optional<CompletableFuture<SealedStream>> sealing) {
        StreamId stream = streamOf(record.value().incarnation());
        Long seal = record.value().sealSequence();
        if (record.value().state() == State.COLLECTED) {
            throw collected(record.value().incarnation());
        }
        return seal == null
                ? seal(record, sealing.orElseGet(() -> sealer.seal(stream)))
                : reader.endOf(stream, seal).thenApply(Ended::new);
    }

    private CompletableFuture<Ended> seal(Versioned<StreamRecord> closing, CompletableFuture<SealedStream> sealing) {
        BrokerIncarnation incarnation = closing.value().incarnation();
        return sealing.thenApply(end -> new Ended(end, write(closing, end)))
                .exceptionallyCompose(
                        failure -> Damage.in(LoopFutures.unwrap(failure)).isPresent()
                                ? sealedMeanwhile(incarnation, failure)
                                : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<?> write(Versioned<StreamRecord> closing, SealedStream end) {
        return registry.markSealed(closing, end.sealSequence()).thenAccept(result -> {
            if (result instanceof StreamChangeResult.Forgotten) {
                throw collected(closing.value().incarnation());
            }
            if (!(result instanceof StreamChangeResult.Changed)) {
                throw new LogException(
                        LogException.Kind.CORRUPT,
                        "stream " + end.stream() + " was sealed at " + end.sealSequence() + ", but its record says "
                                + result);
            }
            LOG.info("Sealed the stream of a dead broker [stream={}, seal={}]", end.stream(), end.sealSequence());
        });
    }

    /** What looks damaged may have been sealed by another broker and then collected. */
    private CompletableFuture<Ended> sealedMeanwhile(BrokerIncarnation incarnation, Throwable damage) {
        return registry.stream(incarnation).thenCompose(record -> {
            if (record.isPresent() && record.get().value().sealSequence() != null) {
                return endOf(record.get(), Optional.empty());
            }
            return registry.isForgotten(incarnation)
                    .thenCompose(
                            forgotten -> CompletableFuture.failedFuture(forgotten ? collected(incarnation) : damage));
        });
    }

    private CompletableFuture<Contents> read(SealedStream sealed) {
        return reader.chunks(sealed.stream(), sealed.sealSequence(), sealed.trimPosition(), wanted)
                .thenApply(all -> {
                    var byPartition = new HashMap<PartitionId, List<ChunkRef>>();
                    for (ChunkRef ref : all) {
                        byPartition
                                .computeIfAbsent(LiveStream.idOf(ref), id -> new ArrayList<>())
                                .add(ref);
                    }
                    return new Contents(byPartition);
                });
    }
}
