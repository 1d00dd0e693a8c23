package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.LogException;
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
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private record Contents(Map<PartitionId, List<ChunkRef>> chunks, long heapBytes) {}

    /** A stream that is being sealed as soon as that is permitted. */
    private record Sealing(CompletableFuture<Void> permission, CompletableFuture<SealedStream> end) {}

    /** Reads streams while it does not matter where they end. */
    interface ReadAhead {
        /**
         * What has been read of a stream; never fails.
         *
         * @param anew whether it is worth while to look for what is new
         */
        CompletableFuture<Optional<LiveStream>> read(BrokerIncarnation stream, boolean anew);
    }

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
    private final Map<BrokerIncarnation, Sealing> prepared = new HashMap<>();

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
     * These incarnations, and no others, may turn out to be dead: begins to read what sealing their streams takes, and writes nothing.
     */
    void prepare(Set<BrokerIncarnation> suspects) {
        prepared.entrySet().removeIf(stream -> {
            boolean alive = !suspects.contains(stream.getKey());
            if (alive) {
                stream.getValue().permission().cancel(false);
            }
            return alive;
        });
        suspects.forEach(suspect -> prepared.computeIfAbsent(suspect, this::sealing));
    }

    private Sealing sealing(BrokerIncarnation incarnation) {
        var permission = new CompletableFuture<Void>();
        return new Sealing(permission, sealer.seal(streamOf(incarnation), permission));
    }

    /**
     * The chunks of one partition in a stream, closing and sealing the stream first where that was not done. Fails with
     * {@link LogException}: NOT_LEADER while its broker is registered, CORRUPT where objects are missing or damaged.
     *
     * @param ahead what is being read of the stream without regard to its end, if anything is
     */
    CompletableFuture<List<ChunkRef>> chunks(BrokerIncarnation incarnation, PartitionId partition, ReadAhead ahead) {
        CompletableFuture<Contents> known = read.get(incarnation);
        return (known != null ? known : readNow(incarnation, ahead))
                .thenApply(all -> all.chunks().getOrDefault(partition, List.of()));
    }

    private CompletableFuture<Contents> readNow(BrokerIncarnation incarnation, ReadAhead ahead) {
        CompletableFuture<Contents> reading = contents(incarnation, ahead);
        read.put(incarnation, reading);
        reading.whenComplete((_, failure) -> {
            if (failure != null) {
                // Whoever comes next tries again.
                read.remove(incarnation, reading);
            }
        });
        return reading;
    }

    private CompletableFuture<Contents> contents(BrokerIncarnation incarnation, ReadAhead ahead) {
        // What is read before the end of the stream is known counts as far as it lies before that end.
        CompletableFuture<Optional<LiveStream>> before = ahead.read(incarnation, isOpen(incarnation));
        return ending(incarnation)
                .thenCompose(ended -> before.thenCompose(found -> read(ended.end(), found))
                        .thenCombine(ended.written(), (contents, written) -> contents));
    }

    private boolean isOpen(BrokerIncarnation incarnation) {
        return Optional.ofNullable(images.get().streams().get(incarnation))
                .filter(stream -> stream.value().sealSequence() == null)
                .isPresent();
    }

    /** Forgets what was read: the partitions that needed it are open. */
    void forget() {
        read.clear();
    }

    /** Memory that what was read takes. */
    long heapBytes() {
        return read.values().stream()
                .filter(reading -> reading.isDone() && !reading.isCompletedExceptionally())
                .mapToLong(reading -> reading.join().heapBytes())
                .sum();
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
        // What sealing has to read can be read while the metadata store is told, and before.
        Optional<Sealing> sealing = isOpen(incarnation) && !image.isRegistered(incarnation)
                ? Optional.of(begun(incarnation))
                : Optional.empty();
        return registry.markClosing(incarnation, image)
                .thenCompose(result -> {
                    Versioned<StreamRecord> stream = requireClosed(incarnation, result);
                    if (stream.value().sealSequence() == null) {
                        sealing.ifPresent(begun -> begun.permission().complete(null));
                    }
                    return endOf(stream, sealing.map(Sealing::end));
                })
                // Where somebody else has sealed it, or it may not be sealed.
                .whenComplete(
                        (_, _) -> sealing.ifPresent(begun -> begun.permission().cancel(false)));
    }

    /** What was prepared, unless that has failed: then it is tried again. */
    private Sealing begun(BrokerIncarnation incarnation) {
        Sealing before = prepared.remove(incarnation);
        return before == null || before.end().isDone() ? sealing(incarnation) : before;
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
                        failure -> Damage.in(FutureFailure.cause(failure)).isPresent()
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

    /** All that the stream holds up to its end: what was found before, and what was not. */
    private CompletableFuture<Contents> read(SealedStream sealed, Optional<LiveStream> before) {
        long start = sealed.trimPosition();
        long end = sealed.sealSequence();
        List<ChunkRef> found = before.map(LiveStream::all).orElse(List.of()).stream()
                .filter(ref -> ref.sequence() >= start && ref.sequence() < end)
                .toList();
        Set<Long> known = before.map(stream -> Set.copyOf(stream.objects())).orElse(Set.of());
        return reader.chunks(sealed.stream(), end, start, known, wanted).thenApply(others -> {
            var byPartition = new HashMap<PartitionId, List<ChunkRef>>();
            long bytes = 0;
            for (List<ChunkRef> refs : List.of(found, others)) {
                for (ChunkRef ref : refs) {
                    byPartition
                            .computeIfAbsent(LiveStream.idOf(ref), id -> new ArrayList<>())
                            .add(ref);
                    bytes += ref.chunk().heapBytes();
                }
            }
            return new Contents(byPartition, bytes);
        });
    }
}
