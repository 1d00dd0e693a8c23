package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObject;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.ByteBudget;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of a broker incarnation's WAL stream. Partitions append batches; whatever they append between two flushes becomes
 * one object, and its owners hear of it when it and all before it are durable. {@link WalStreams#create} makes one. Log loop only.
 */
public final class WalWriter {
    private final WalStore store;
    private final WalSettings settings;
    private final StreamId stream;
    private final WalListener listener;
    private final ByteBudget buffer;
    private final StreamCursor cursor;
    private final UploadWindow window;
    private final FlushPacer pacer;
    private final StreamTrimmer trimmer;
    private final FlushWaiters waiters = new FlushWaiters();
    private OpenObject open = new OpenObject();
    private @Nullable CompletableFuture<Long> sealing;
    private @Nullable CompletableFuture<Boolean> sealUpload;
    private @Nullable LogException ended;

    /** A writer behind a durable genesis object. */
    WalWriter(WalStore store, WalSettings settings, StreamId stream, WalListener listener) {
        this.store = store;
        this.settings = settings;
        this.stream = stream;
        this.listener = listener;
        this.buffer = new ByteBudget("WAL buffer", settings.bufferBytes());
        this.cursor = new StreamCursor(stream, store.random(), settings.directoryBytes());
        this.window = new UploadWindow(store, settings, buffer, cursor.nextSequence(), new WindowOwner());
        this.pacer = new FlushPacer(settings, store.loop(), () -> !open.isEmpty() && window.hasRoom(), this::close);
        this.trimmer = new StreamTrimmer(store, stream, settings.collectGrace());
    }

    /** The stream this writes. */
    public StreamId stream() {
        return stream;
    }

    /**
     * Bounds what is appended and still held by the transport. Appenders reserve here before they append; the writer gives back when
     * the last attempt to send the bytes has ended. Thread-safe.
     */
    public ByteBudget buffer() {
        return buffer;
    }

    /** Sequence before which every object is acknowledged. */
    public long commitPosition() {
        return window.commitPosition();
    }

    /**
     * Appends batches to the open object, in the order of calls. The bytes are shared and must not change any more.
     *
     * @param batches whole batches with final offsets and leader epoch, dense with each other and with what this owner appended
     *     before
     * @param pinnedBytes what the append keeps in memory (its backing buffer), which the caller has reserved in {@link #buffer()}
     *     and the writer now gives back in time; if this throws, the reservation is still the caller's
     * @throws LogException NOT_LEADER once fenced, CLOSED once sealed or halted
     */
    public void append(ChunkOwner owner, List<ByteBuffer> batches, long pinnedBytes) {
        if (ended != null) {
            throw ended;
        }
        if (sealing != null) {
            throw new LogException(LogException.Kind.CLOSED, "the WAL is being sealed");
        }
        for (int i = 0; i < batches.size(); i++) {
            try {
                open.append(owner, batches.get(i));
            } catch (RuntimeException refused) {
                if (i > 0) {
                    fence(new LogException(LogException.Kind.NOT_LEADER, "half of an append is in the WAL", refused));
                }
                throw refused;
            }
        }
        open.pin(pinnedBytes);
        pacer.appended();
        if (open.sizeInBytes() >= settings.flushBytes()) {
            pacer.closedUnasked();
            close();
        } else {
            pacer.wake();
        }
    }

    /** Hands the open object to the window. */
    private void close() {
        var content = open;
        open = new OpenObject();
        window.add(content);
    }

    /** Completes when everything appended so far is durable; fails with {@link LogException} if that is never to be known. */
    public CompletableFuture<Void> flush() {
        if (ended != null) {
            return CompletableFuture.failedFuture(ended);
        }
        long appendedBelow = openSequence() + (open.isEmpty() ? 0 : 1);
        if (appendedBelow <= commitPosition()) {
            return CompletableFuture.completedFuture(null);
        }
        var durable = waiters.await(appendedBelow);
        closeIfAwaited();
        return durable;
    }

    /** The place that the open object is going to have. */
    private long openSequence() {
        return cursor.nextSequence() + window.waiting();
    }

    /** An object that somebody waits for does not wait for a token, only for room. */
    private void closeIfAwaited() {
        if (!open.isEmpty() && waiters.isAwaited(openSequence()) && window.hasRoom()) {
            pacer.closedUnasked();
            close();
        }
    }

    /**
     * One chunk of an own object is no longer needed in the stream: a segment has it, or the log start offset has passed it, or its
     * topic is gone. Each committed chunk is covered once; objects with none left are deleted in time.
     */
    public void covered(long sequence) {
        cursor.trim().covered(sequence);
    }

    /** Own objects with at least one chunk that has not been {@linkplain #covered covered}. */
    public int neededObjects() {
        return cursor.trim().neededObjects();
    }

    /**
     * Looks whether somebody has sealed the stream, and is fenced if so. For a broker that cannot reach the metadata store and must
     * bound by itself how long it goes on. A seal is at the first sequence that nobody had used, so all is well if that is free:
     * the one after what is acknowledged, or after those of our own objects that are there and not acknowledged yet.
     *
     * @return completes when the stream was not sealed at some time after the call; fails with {@link StorageException} if the store
     *     did not tell, with {@link LogException} if the stream is lost or is being sealed by its owner
     */
    public CompletableFuture<Void> probe() {
        var done = new CompletableFuture<Void>();
        probe(commitPosition(), done);
        return done;
    }

    private void probe(long sequence, CompletableFuture<Void> done) {
        if (ended != null || sealing != null) {
            done.completeExceptionally(
                    ended != null ? ended : new LogException(LogException.Kind.CLOSED, "the WAL is being sealed"));
            return;
        }
        String key = store.key(stream, sequence);
        store.whenDone(store.objects().getRange(key, 0, WalHeader.BYTES), (found, thrown) -> {
            if (found != null) {
                if (ended == null && sealing == null && !window.isOwn(sequence, found)) {
                    fence(new LogException(
                            LogException.Kind.NOT_LEADER, key + " is not ours: the stream has been sealed"));
                }
                probe(sequence + 1, done);
                return;
            }
            var failure = WalStore.failure(thrown == null ? new NullPointerException("no header") : thrown, key);
            if (failure.kind() == StorageException.Kind.NOT_FOUND && ended == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(ended != null ? ended : failure);
            }
        });
    }

    /**
     * Clean shutdown: refuses further appends, waits until everything is durable and ends the stream. The writer is done with
     * afterwards.
     *
     * @return the sequence of the seal; fails with {@link LogException} if the stream was lost
     */
    public CompletableFuture<Long> seal() {
        if (sealing != null) {
            return sealing;
        }
        var result = new CompletableFuture<Long>();
        sealing = result;
        flush().whenComplete((_, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                sendSeal(result);
            }
        });
        return result;
    }

    private void sendSeal(CompletableFuture<Long> result) {
        long sequence = cursor.nextSequence();
        var upload = SoloUpload.create(store, settings, cursor.seal());
        sealUpload = upload;
        upload.whenComplete((ours, failure) -> {
            if (failure != null) {
                end(new LogException(LogException.Kind.CLOSED, "the WAL could not be sealed", failure));
                result.completeExceptionally(ended == null ? failure : ended);
            } else if (ours) {
                end(new LogException(LogException.Kind.CLOSED, "the WAL has been sealed"));
                result.complete(sequence);
            } else {
                var cause = new LogException(LogException.Kind.NOT_LEADER, "the WAL was sealed by somebody else");
                fence(cause);
                result.completeExceptionally(cause);
            }
        });
    }

    /** Stops at once, without flushing. What was not acknowledged may or may not be part of the stream. */
    public void halt() {
        end(new LogException(LogException.Kind.CLOSED, "the WAL has been halted"));
    }

    private void fence(LogException cause) {
        if (ended == null) {
            end(cause);
            listener.fenced(cause);
        }
    }

    /** The one way out: from here on nothing is sent, acknowledged, accepted or deleted. */
    private void end(LogException cause) {
        if (ended != null) {
            return;
        }
        ended = cause;
        pacer.stop();
        trimmer.stop();
        window.stop();
        buffer.release(open.pinnedBytes());
        open = new OpenObject();
        if (sealUpload != null) {
            sealUpload.cancel(false);
        }
        waiters.fail(cause);
    }

    private final class WindowOwner implements UploadWindow.Owner {
        @Override
        public WalObject build(OpenObject content, long commitPosition) {
            return cursor.build(content, commitPosition);
        }

        @Override
        public void acknowledged(UploadWindow.Flight flight) {
            var object = flight.upload().object();
            var data = (WalData) object.footer();
            for (var chunk : data.chunks()) {
                if (ended == null) {
                    tell(
                            flight.owners().get(chunk.key()),
                            new ChunkRef(stream, data.header().sequence(), chunk));
                }
            }
            if (ended == null) {
                pacer.acknowledged(flight.appends(), window.inFlight() == 0);
                trimmer.committed(data.header().trimPosition());
                waiters.complete(window.commitPosition());
                listener.objectCommitted(CommittedObject.of(flight.upload(), data, store.nowNanos()));
            }
        }

        /** What one owner throws is reported by the loop and keeps no other owner from being told. */
        private void tell(@Nullable ChunkOwner owner, ChunkRef chunk) {
            try {
                if (owner == null) {
                    throw new IllegalStateException("nobody owns " + chunk);
                }
                owner.committed(chunk);
            } catch (RuntimeException thrown) {
                store.loop().execute(() -> {
                    throw thrown;
                });
            }
        }

        @Override
        public void roomMade() {
            if (ended == null) {
                closeIfAwaited();
                pacer.wake();
            }
        }

        @Override
        public void fenced(LogException cause) {
            fence(cause);
        }
    }
}
