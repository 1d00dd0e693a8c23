package io.kafscale.log.wal;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.StreamId;
import io.kafscale.format.WalKey;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalLimits;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.format.wal.WalTail;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The objects of any stream as they are in the store. Every object that is read is checked to be the one its key names; damage fails
 * with {@link LogException} of kind CORRUPT, whose message names the object. Futures complete on the log loop. Log loop only.
 */
final class StreamObjects {
    private static final int PAGE = 1000;
    private static final int MOST_PARALLEL_PAGES = 16;

    /** Behind every key. */
    private static final String LAST_KEY = "\uffff";

    private static final int TAIL_GUESS_BYTES = 64 << 10;

    private final WalStore store;
    private final WalObjectReader reader = new WalObjectReader();

    StreamObjects(WalStore store) {
        this.store = store;
    }

    /** The sequences behind {@code after} (-1 for all) of which there is an object, with the sizes of these. */
    CompletableFuture<NavigableMap<Long, Long>> list(StreamId stream, long after) {
        return new Listing(stream).start(after);
    }

    /**
     * One call of {@link #list}. Sequences are dense but for a trimmed prefix, so that once the first is known, the pages behind it
     * can be asked for at once instead of one after the other.
     */
    private final class Listing {
        private final StreamId stream;
        private final NavigableMap<Long, Long> found = new TreeMap<>();

        Listing(StreamId stream) {
            this.stream = stream;
        }

        CompletableFuture<NavigableMap<Long, Long>> start(long after) {
            return page(after < 0 ? "" : store.key(stream, after)).thenCompose(listed -> {
                if (!hasNext(listed)) {
                    return CompletableFuture.completedFuture(found);
                }
                return found.isEmpty()
                        ? lane(listed.objects().getLast().key(), LAST_KEY).thenApply(_ -> found)
                        : spread(found.lastKey(), 1);
            });
        }

        /** The more there turns out to be, the more pages at once. */
        private CompletableFuture<NavigableMap<Long, Long>> spread(long after, int pages) {
            var lanes = new ArrayList<CompletableFuture<Boolean>>(pages);
            long end = after;
            for (int i = 0; i < pages; i++) {
                lanes.add(lane(store.key(stream, end), store.key(stream, end + PAGE)));
                end += PAGE;
            }
            long last = end;
            return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new))
                    .thenCompose(_ -> lanes.getLast().join()
                            ? spread(last, Math.min(2 * pages, MOST_PARALLEL_PAGES))
                            : CompletableFuture.completedFuture(found));
        }

        /** Lists from behind one key up to another, in one page unless that comes short; says whether there is more. */
        private CompletableFuture<Boolean> lane(String after, String end) {
            return page(after).thenCompose(listed -> {
                if (!hasNext(listed)) {
                    return CompletableFuture.completedFuture(false);
                }
                String last = listed.objects().getLast().key();
                return last.compareTo(end) >= 0 ? CompletableFuture.completedFuture(true) : lane(last, end);
            });
        }

        private CompletableFuture<ObjectPage> page(String after) {
            var page = store.objects().list(store.layout().walPrefix(stream), after, PAGE);
            return store.onLoop(page).thenApply(listed -> {
                for (ObjectSummary summary : listed.objects()) {
                    store.layout()
                            .parseWalKey(summary.key())
                            .ifPresent(key -> found.put(key.sequence(), summary.size()));
                }
                return listed;
            });
        }
    }

    private static boolean hasNext(ObjectPage page) {
        return page.more() && !page.objects().isEmpty();
    }

    /** The header of an object; empty if there is no such object. */
    CompletableFuture<Optional<WalHeader>> header(StreamId stream, long sequence) {
        var key = new WalKey(stream, sequence);
        String name = store.layout().walKey(key);
        return store.onLoop(store.objects().getRange(name, 0, WalHeader.BYTES))
                .thenApply(start -> checked(() -> {
                    var header = reader.parseHeader(start, name);
                    header.requireKey(key, name);
                    return Optional.of(header);
                }))
                .exceptionally(thrown -> {
                    if (isNotFound(thrown, name)) {
                        return Optional.empty();
                    }
                    throw rethrown(thrown, name);
                });
    }

    /** The footer of an object, in one request where it is not unusually long. */
    CompletableFuture<WalFooter> footer(StreamId stream, long sequence) {
        return footer(new WalKey(stream, sequence), TAIL_GUESS_BYTES);
    }

    private CompletableFuture<WalFooter> footer(WalKey key, int tailBytes) {
        String name = store.layout().walKey(key);
        return store.onLoop(store.objects().getTail(name, tailBytes)).thenCompose(tail -> switch (parsed(tail, name)) {
            case WalTail.Complete complete ->
                CompletableFuture.completedFuture(checked(() -> named(complete.footer(), key, name)));
            case WalTail.Incomplete incomplete -> footer(key, incomplete.tailBytes());
        });
    }

    private WalTail parsed(ObjectTail tail, String name) {
        return checked(() -> reader.parseTail(tail.bytes(), tail.objectSize(), name));
    }

    /** A whole object, verified down to its last batch. */
    CompletableFuture<ByteBuffer> whole(StreamId stream, long sequence) {
        var key = new WalKey(stream, sequence);
        String name = store.layout().walKey(key);
        return store.onLoop(store.objects().get(name, WalLimits.DEFAULT.maxObjectBytes()))
                .thenApply(bytes -> checked(() -> {
                    named(reader.parse(bytes, name), key, name);
                    return bytes;
                }));
    }

    private static WalFooter named(WalFooter footer, WalKey key, String name) {
        footer.header().requireKey(key, name);
        return footer;
    }

    private static <T> T checked(Supplier<T> parsing) {
        try {
            return parsing.get();
        } catch (CorruptObjectException damage) {
            throw new LogException(LogException.Kind.CORRUPT, damage.getMessage(), damage);
        }
    }

    /** Whether what reading an object failed with says that there is no such object. */
    boolean isMissing(Throwable thrown, StreamId stream, long sequence) {
        return !(FutureFailure.cause(thrown) instanceof LogException)
                && isNotFound(thrown, store.key(stream, sequence));
    }

    static boolean isNotFound(Throwable thrown, String name) {
        return WalStore.failure(thrown, name).kind() == StorageException.Kind.NOT_FOUND;
    }

    private static RuntimeException rethrown(Throwable thrown, String name) {
        return FutureFailure.cause(thrown) instanceof LogException damage ? damage : WalStore.failure(thrown, name);
    }
}
