package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Ends the stream of an incarnation whose registration is gone, and verifies that what it acknowledged is there. Idempotent: any
 * number of sealers, one after the other or at once, find the same end. Safe against a writer that is still alive. What it costs
 * depends on the objects in the stream and on nothing else: one listing, one header, those of the objects in flight at the end, the
 * seal and one listing behind it. Log loop only.
 */
public final class StreamSealer {
    private static final int MAX_ROUNDS = 64;
    private static final int PARALLEL_READS = 64;

    private final WalStore store;
    private final WalSettings settings;
    private final StreamId sealer;
    private final StreamObjects objects;

    /**
     * A sealer.
     *
     * @param sealer the incarnation that seals, for the record
     */
    public StreamSealer(WalStore store, WalSettings settings, StreamId sealer) {
        this.store = store;
        this.settings = settings;
        this.sealer = sealer;
        this.objects = new StreamObjects(store);
    }

    /**
     * Seals and verifies.
     *
     * @return the end of the stream. Fails with {@link LogException}: CORRUPT if an object that was acknowledged is missing or not
     *     what it must be, naming it; STORAGE_UNAVAILABLE if the writer kept ahead of the seal; CLOSED if the store was closed. Fails
     *     with {@link StorageException} if the store could not be read
     */
    public CompletableFuture<SealedStream> seal(StreamId stream) {
        return seal(stream, CompletableFuture.completedFuture(null));
    }

    /**
     * The same, but begins to read while it is not certain yet that the stream may be sealed.
     *
     * @param permission nothing is written and nothing said before this completes, on the log loop; fails as this fails
     */
    public CompletableFuture<SealedStream> seal(StreamId stream, CompletableFuture<Void> permission) {
        return WalStore.unwrapped(new Sealing(stream, permission).lookAgain());
    }

    /** One call. It goes round from the listing whenever what it saw may have changed under it. */
    private final class Sealing {
        private final StreamId stream;
        private final CompletableFuture<Void> permission;
        private final long sealBytes;
        private final Map<Long, WalHeader> read = new HashMap<>();
        private NavigableMap<Long, Long> present = new TreeMap<>();
        private long trimPosition;
        private long listedNanos;
        private int rounds;
        private long suspect = -1;

        Sealing(StreamId stream, CompletableFuture<Void> permission) {
            this.stream = stream;
            this.permission = permission;
            this.sealBytes = sealAt(0).encode().length();
        }

        CompletableFuture<SealedStream> lookAgain() {
            if (rounds++ == MAX_ROUNDS) {
                return CompletableFuture.failedFuture(new LogException(
                        LogException.Kind.STORAGE_UNAVAILABLE,
                        "stream " + stream + " is still written faster than it can be sealed"));
            }
            return objects.list(stream, -1).thenCompose(listed -> {
                // Objects never change: what was read of those that are still there counts, or a slow store would never
                // be done.
                read.keySet().retainAll(listed.keySet());
                present = listed;
                listedNanos = store.nowNanos();
                return listed.isEmpty() ? findEnd(0) : fromNewest(listed.lastKey());
            });
        }

        private CompletableFuture<SealedStream> fromNewest(long newest) {
            return withHeader(newest, header -> {
                long commitPosition = header.commitPosition();
                return verifyBelow(commitPosition)
                        .thenCompose(intact -> intact ? findEnd(commitPosition) : lookAgain());
            });
        }

        /**
         * Everything between the trim and the commit position was acknowledged: it must be there, and none of it may be a seal. What
         * is missing is looked for twice, since a listing of several pages is no snapshot of a stream that is still written.
         *
         * @return false to look again
         */
        private CompletableFuture<Boolean> verifyBelow(long commitPosition) {
            var sealSized = new ArrayList<Long>();
            for (long sequence = trimPosition; sequence < commitPosition; sequence++) {
                Long size = present.get(sequence);
                if (size == null) {
                    if (suspect == sequence) {
                        throw damage(sequence, "was acknowledged and is missing");
                    }
                    suspect = sequence;
                    return CompletableFuture.completedFuture(false);
                }
                if (size == sealBytes) {
                    sealSized.add(sequence);
                }
            }
            var verified = CompletableFuture.completedFuture(true);
            for (long sequence : sealSized) {
                verified = verified.thenCombine(objects.header(stream, sequence), (_, header) -> {
                    if (header.map(WalHeader::kind).equals(Optional.of(WalHeader.Kind.SEAL))) {
                        throw damage(sequence, "was acknowledged and is a seal");
                    }
                    return true;
                });
            }
            return verified;
        }

        /**
         * The first missing sequence is where the stream ends, unless a seal says so before. The headers of what was in flight at
         * the end are read at once.
         */
        private CompletableFuture<SealedStream> findEnd(long first) {
            var reads = new ArrayList<CompletableFuture<?>>();
            long end = first;
            while (present.containsKey(end) && reads.size() < PARALLEL_READS) {
                reads.add(header(end));
                end++;
            }
            long next = end;
            return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
                    .thenCompose(_ -> {
                        for (long sequence = first; sequence < next; sequence++) {
                            WalHeader header = read.get(sequence);
                            if (header == null) {
                                return lookAgain();
                            }
                            if (header.kind() == WalHeader.Kind.SEAL) {
                                long seal = sequence;
                                return permission.thenCompose(_ -> verifySeal(seal));
                            }
                        }
                        return present.containsKey(next) ? findEnd(next) : permission.thenCompose(_ -> placeSeal(next));
                    });
        }

        /**
         * Where another sealer was first, its seal is the end. Where the writer was, a new listing tells where the end is by now:
         * going on from object to object never catches up with a fast writer. Nor does a seal go where a listing from long ago showed room: the
         * stream may have been sealed and collected since.
         */
        private CompletableFuture<SealedStream> placeSeal(long sequence) {
            if (store.nowNanos() - listedNanos > settings.collectGrace().toNanos() / 2) {
                return lookAgain();
            }
            return SoloUpload.create(store, settings, sealAt(sequence).encode())
                    .thenCompose(created -> created ? verifySeal(sequence) : afterOther(sequence));
        }

        private CompletableFuture<SealedStream> afterOther(long sequence) {
            return withHeader(
                    sequence, header -> header.kind() == WalHeader.Kind.SEAL ? verifySeal(sequence) : lookAgain());
        }

        private WalSeal sealAt(long sequence) {
            return new WalSeal(
                    new WalHeader(
                            WalHeader.Kind.SEAL,
                            stream,
                            sequence,
                            store.random().nextLong(),
                            trimPosition,
                            sequence),
                    sealer);
        }

        /**
         * A seal is void if the writer had an object acknowledged behind it: then there was one at the seal's place, deleted
         * meanwhile. Its newest acknowledged object is never deleted, and no object after that carries a lower commit position, so the
         * last object tells.
         */
        private CompletableFuture<SealedStream> verifySeal(long sequence) {
            return objects.list(stream, sequence).thenCompose(behind -> {
                if (behind.isEmpty()) {
                    return CompletableFuture.completedFuture(sealedAt(sequence));
                }
                return withHeader(
                        behind.lastKey(),
                        header -> header.commitPosition() > sequence
                                ? lookAgain()
                                : CompletableFuture.completedFuture(sealedAt(sequence)));
            });
        }

        private SealedStream sealedAt(long sequence) {
            return new SealedStream(stream, sequence, trimPosition);
        }

        /** Goes on with an object's header, or looks again if the object has been deleted meanwhile. */
        private CompletableFuture<SealedStream> withHeader(
                long sequence, Function<WalHeader, CompletableFuture<SealedStream>> then) {
            return header(sequence).thenCompose(found -> found.isEmpty() ? lookAgain() : then.apply(found.get()));
        }

        private CompletableFuture<Optional<WalHeader>> header(long sequence) {
            WalHeader known = read.get(sequence);
            if (known != null) {
                return CompletableFuture.completedFuture(Optional.of(known));
            }
            return objects.header(stream, sequence).thenApply(found -> {
                found.ifPresent(header -> {
                    read.put(sequence, header);
                    trimPosition = Math.max(trimPosition, header.trimPosition());
                });
                return found;
            });
        }

        private LogException damage(long sequence, String what) {
            return new LogException(
                    LogException.Kind.CORRUPT,
                    "WAL object " + sequence + " of stream " + stream + " " + what + " [" + store.key(stream, sequence)
                            + "]; the trim position is " + trimPosition);
        }
    }
}
