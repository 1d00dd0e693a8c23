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
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.StreamChangeResult;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.StreamRecord.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
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

    private final BrokerRegistry registry;
    private final StreamSealer sealer;
    private final StreamReader reader;
    private final Predicate<WalChunk> wanted;
    private final Map<BrokerIncarnation, CompletableFuture<Contents>> read = new HashMap<>();

    /**
     * Nothing read yet.
     *
     * @param wanted which chunks to keep; asked when a footer is read
     */
    ClosedStreams(BrokerRegistry registry, StreamSealer sealer, StreamReader reader, Predicate<WalChunk> wanted) {
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

    private CompletableFuture<Ended> ending(BrokerIncarnation incarnation) {
        return registry.markClosing(incarnation).thenCompose(result -> switch (result) {
            case StreamChangeResult.Changed changed -> endOf(changed.stream().value());
            case StreamChangeResult.StillRegistered alive ->
                throw new LogException(
                        LogException.Kind.NOT_LEADER,
                        "broker " + incarnation + " is registered at "
                                + alive.registration().host() + ":"
                                + alive.registration().port());
            case StreamChangeResult.Illegal illegal ->
                throw new LogException(LogException.Kind.CORRUPT, illegal.reason());
            case StreamChangeResult.NotFound missing ->
                throw new LogException(
                        LogException.Kind.CORRUPT,
                        "a partition names the stream " + incarnation + ", of which the metadata store knows nothing");
        });
    }

    private CompletableFuture<Ended> endOf(StreamRecord record) {
        BrokerIncarnation incarnation = record.incarnation();
        var stream = new StreamId(incarnation.brokerId(), incarnation.brokerEpoch());
        Long seal = record.sealSequence();
        if (record.state() == State.COLLECTED) {
            // No tenure named it any more when it was collected: whoever asks goes by a record that has been overtaken.
            throw new LogException(
                    LogException.Kind.STORAGE_UNAVAILABLE, "stream " + stream + " has been collected meanwhile");
        }
        return seal == null
                ? seal(incarnation, stream)
                : reader.endOf(stream, seal).thenApply(Ended::new);
    }

    private CompletableFuture<Ended> seal(BrokerIncarnation incarnation, StreamId stream) {
        return sealer.seal(stream)
                .thenApply(end -> new Ended(end, write(incarnation, end)))
                .exceptionallyCompose(
                        failure -> Damage.in(LoopFutures.unwrap(failure)).isPresent()
                                ? sealedMeanwhile(incarnation, failure)
                                : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<?> write(BrokerIncarnation incarnation, SealedStream end) {
        return registry.markSealed(incarnation, end.sealSequence()).thenAccept(result -> {
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
        return registry.stream(incarnation)
                .thenCompose(
                        record -> record.isPresent() && record.get().value().sealSequence() != null
                                ? endOf(record.get().value())
                                : CompletableFuture.failedFuture(damage));
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
