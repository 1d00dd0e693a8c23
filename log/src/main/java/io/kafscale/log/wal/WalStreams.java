package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalHeader;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Starts new WAL streams. Log loop only. */
public final class WalStreams {
    private final WalStore store;
    private final WalSettings settings;

    /** Streams in this store. */
    public WalStreams(WalStore store, WalSettings settings) {
        this.store = store;
        this.settings = settings;
    }

    /**
     * Starts the stream of a new incarnation with its genesis object.
     *
     * @param metadataRevision highest revision of the metadata store that this broker has seen
     * @return the stream's writer; empty if the stream exists already, and then another broker epoch has to be taken. Does not
     *     complete while the store does not answer: cancelling it gives up (the genesis object may still land)
     */
    public CompletableFuture<Optional<WalWriter>> create(
            StreamId stream, String clusterId, long metadataRevision, WalListener listener) {
        var header =
                new WalHeader(WalHeader.Kind.GENESIS, stream, 0, store.random().nextLong(), 0, 0);
        var genesis = new WalGenesis(header, clusterId, metadataRevision).encode();
        var upload = SoloUpload.create(store, settings, genesis);
        var created = WalStore.unwrapped(upload.<Optional<WalWriter>>thenApply(
                ours -> ours ? Optional.of(new WalWriter(store, settings, stream, listener)) : Optional.empty()));
        created.whenComplete((_, _) -> upload.cancel(false));
        return created;
    }
}
