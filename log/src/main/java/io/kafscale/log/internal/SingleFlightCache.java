package io.kafscale.log.internal;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A cache bounded by bytes in which a key is loaded once however many ask for it meanwhile.
 *
 * <p>Least recently used of two segments: what was asked for once is on probation, what was asked for again is protected, and
 * only what does not fit into four fifths of the room falls back on probation. One reader that scans everything once therefore
 * evicts other scans, not what several readers share. What nobody has used while four times the room was filled anew is protected no
 * more: it would keep room from scans for ever.
 *
 * <p>Loads under way are bounded in bytes too; those beyond wait in their order, and read-ahead beyond is not done at all. Used on
 * one event loop only. Values are shared: they must be immutable.
 */
public final class SingleFlightCache<K, V> {
    private static final double PROTECTED_SHARE = 0.8;
    private static final int PROTECTED_ROUNDS = 4;

    private static final class Entry<V> {
        final V value;
        final long weight;

        /** How much had been put into the cache when it was used last. */
        long usedAtBytes;

        Entry(V value, long weight, long usedAtBytes) {
            this.value = value;
            this.weight = weight;
            this.usedAtBytes = usedAtBytes;
        }
    }

    private record Waiting(long expectedBytes, Runnable start) {}

    private final EventLoop loop;
    private final long capacityBytes;
    private final long maxLoadingBytes;
    private final ToLongFunction<V> weigher;
    private final Consumer<V> forgotten;
    private final LinkedHashMap<K, Entry<V>> probation = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<K, Entry<V>> shielded = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<K, CompletableFuture<V>> flights = new HashMap<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long probationBytes;
    private long shieldedBytes;
    private long everPutBytes;
    private long loadingBytes;
    private long hits;
    private long joins;
    private long loads;
    private long evictions;

    /**
     * An empty cache.
     *
     * @param capacityBytes bound on the weight of what is kept
     * @param maxLoadingBytes bound on the expected bytes of loads under way; a single larger load is let through alone
     * @param weigher bytes of heap a value keeps
     */
    public SingleFlightCache(EventLoop loop, long capacityBytes, long maxLoadingBytes, ToLongFunction<V> weigher) {
        this(loop, capacityBytes, maxLoadingBytes, weigher, value -> {});
    }

    /**
     * An empty cache of values that somebody has to be told of when they are kept no more.
     *
     * @param weigher bytes of memory a value keeps
     * @param forgotten called for each value that was loaded or put, once, when the cache lets go of it: not before those have got it
     *     who waited for it to be loaded
     */
    public SingleFlightCache(
            EventLoop loop,
            long capacityBytes,
            long maxLoadingBytes,
            ToLongFunction<V> weigher,
            Consumer<V> forgotten) {
        if (capacityBytes < 0 || maxLoadingBytes <= 0) {
            throw new IllegalArgumentException(
                    "no cache of " + capacityBytes + " bytes with loads of " + maxLoadingBytes + " bytes");
        }
        this.loop = loop;
        this.capacityBytes = capacityBytes;
        this.maxLoadingBytes = maxLoadingBytes;
        this.weigher = weigher;
        this.forgotten = forgotten;
    }

    private @Nullable V use(K key, boolean again) {
        Entry<V> entry = shielded.get(key);
        if (entry == null) {
            entry = probation.get(key);
            if (entry == null) {
                return null;
            }
            if (again) {
                promote(key, entry);
            }
        }
        hits++;
        entry.usedAtBytes = everPutBytes;
        return entry.value;
    }

    /** What is kept under {@code key} turned out to be wanted again. */
    public void protect(K key) {
        Entry<V> entry = probation.get(key);
        if (entry != null) {
            promote(key, entry);
        }
    }

    /**
     * The value, from memory, from a load under way, or from {@code loader}, which is called at most once and maybe later.
     *
     * @param expectedBytes what the load will keep in memory, by which it is admitted
     * @param again whether finding it in memory means that it is wanted again, and not just that one reader takes it bit by bit
     * @return completes on the loop; fails as the load does, and then the next call loads again
     */
    public CompletableFuture<V> get(K key, long expectedBytes, boolean again, Supplier<CompletableFuture<V>> loader) {
        V present = use(key, again);
        if (present != null) {
            return CompletableFuture.completedFuture(present);
        }
        CompletableFuture<V> flight = flights.get(key);
        if (flight != null) {
            joins++;
            return flight;
        }
        return admit(key, expectedBytes, loader);
    }

    /**
     * Loads {@code key} ahead of its use, if it is neither there nor under way and loads under way leave room.
     *
     * @return whether it was, is or will be there
     */
    public boolean prefetch(K key, long expectedBytes, Supplier<CompletableFuture<V>> loader) {
        if (shielded.containsKey(key) || probation.containsKey(key) || flights.containsKey(key)) {
            return true;
        }
        if (!waiting.isEmpty() || loadingBytes + expectedBytes > maxLoadingBytes) {
            return false;
        }
        admit(key, expectedBytes, loader);
        return true;
    }

    private CompletableFuture<V> admit(K key, long expectedBytes, Supplier<CompletableFuture<V>> loader) {
        var flight = new CompletableFuture<V>();
        flights.put(key, flight);
        Runnable start = () -> start(key, flight, expectedBytes, loader);
        if (waiting.isEmpty() && hasRoomFor(expectedBytes)) {
            start.run();
        } else {
            waiting.add(new Waiting(expectedBytes, start));
        }
        return flight;
    }

    private boolean hasRoomFor(long expectedBytes) {
        return loadingBytes == 0 || loadingBytes + expectedBytes <= maxLoadingBytes;
    }

    private void start(K key, CompletableFuture<V> flight, long expectedBytes, Supplier<CompletableFuture<V>> loader) {
        loads++;
        loadingBytes += expectedBytes;
        CompletableFuture<V> load;
        try {
            load = loader.get();
        } catch (RuntimeException broken) {
            load = CompletableFuture.failedFuture(broken);
        }
        load.whenCompleteAsync((value, failure) -> landed(key, flight, expectedBytes, value, failure), loop);
    }

    private void landed(
            K key, CompletableFuture<V> flight, long expectedBytes, @Nullable V value, @Nullable Throwable failure) {
        loadingBytes -= expectedBytes;
        boolean current = flights.remove(key, flight);
        boolean kept = value != null && current && keep(key, value);
        while (!waiting.isEmpty() && hasRoomFor(waiting.element().expectedBytes())) {
            waiting.remove().start().run();
        }
        if (value != null) {
            flight.complete(value);
            if (!kept) {
                forgotten.accept(value);
            }
        } else {
            flight.completeExceptionally(
                    failure == null
                            ? new IllegalStateException("a load ended without a value")
                            : FutureFailure.cause(failure));
        }
    }

    /** Puts a value that did not have to be loaded. */
    public void put(K key, V value) {
        if (!keep(key, value)) {
            forgotten.accept(value);
        }
    }

    private boolean keep(K key, V value) {
        remove(key);
        long weight = weigher.applyAsLong(value);
        if (weight > capacityBytes) {
            return false;
        }
        everPutBytes += weight;
        probation.put(key, new Entry<>(value, weight, everPutBytes));
        probationBytes += weight;
        evict();
        return true;
    }

    /** Forgets {@code key}; a load of it under way still answers those who wait for it, but is not kept. */
    public void invalidate(K key) {
        remove(key);
        flights.remove(key);
    }

    private void remove(K key) {
        Entry<V> entry = probation.remove(key);
        if (entry != null) {
            probationBytes -= entry.weight;
            forgotten.accept(entry.value);
            return;
        }
        entry = shielded.remove(key);
        if (entry != null) {
            shieldedBytes -= entry.weight;
            forgotten.accept(entry.value);
        }
    }

    private void promote(K key, Entry<V> entry) {
        probation.remove(key);
        probationBytes -= entry.weight;
        shielded.put(key, entry);
        shieldedBytes += entry.weight;
        while (shieldedBytes > capacityBytes * PROTECTED_SHARE && shielded.size() > 1) {
            var oldest = shielded.pollFirstEntry();
            shieldedBytes -= oldest.getValue().weight;
            probation.put(oldest.getKey(), oldest.getValue());
            probationBytes += oldest.getValue().weight;
        }
    }

    /** Those on probation go first, but not the one that has just come. */
    private void evict() {
        while (probationBytes + shieldedBytes > capacityBytes) {
            boolean onProbation = shielded.isEmpty()
                    || (probation.size() > 1
                            && !isForgotten(shielded.firstEntry().getValue()));
            var victims = onProbation ? probation : shielded;
            Entry<V> victim = victims.pollFirstEntry().getValue();
            if (onProbation) {
                probationBytes -= victim.weight;
            } else {
                shieldedBytes -= victim.weight;
            }
            evictions++;
            forgotten.accept(victim.value);
        }
    }

    private boolean isForgotten(Entry<V> oldest) {
        return everPutBytes - oldest.usedAtBytes > PROTECTED_ROUNDS * capacityBytes;
    }

    /** What it has done so far. */
    public CacheStatistics statistics() {
        return new CacheStatistics(hits, joins, loads, evictions, probationBytes + shieldedBytes);
    }
}
