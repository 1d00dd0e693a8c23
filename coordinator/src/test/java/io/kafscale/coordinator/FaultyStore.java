package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A store behind a bad network, from a seed: every call takes up to some time, and a share of them fails before or after it took
 * place, takes place twice, or takes place long after it was given up. Thread-safe.
 */
final class FaultyStore extends ForwardingMetadataStore {
    private final MetadataStore store;
    private final ScheduledExecutorService network = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("network").daemon().factory());
    private final SplittableRandom random;
    private final double faults;
    private final int latencyMicros;

    /**
     * A faulty store.
     *
     * @param faults the share of calls that something happens to
     * @param latencyMicros the longest a call takes that nothing happens to
     */
    FaultyStore(MetadataStore store, long seed, double faults, int latencyMicros) {
        super(store);
        this.store = store;
        this.random = new SplittableRandom(seed);
        this.faults = faults;
        this.latencyMicros = latencyMicros;
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return read(() -> store.get(key));
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return read(() -> store.range(prefix));
    }

    private <T> CompletableFuture<T> read(Supplier<CompletableFuture<T>> call) {
        var future = new CompletableFuture<T>();
        if (chance(faults)) {
            later(1, () -> future.completeExceptionally(new MetadataException(Kind.UNAVAILABLE, "read lost")));
        } else {
            later(1, () -> pass(call.get(), future));
        }
        return future;
    }

    private static <T> void pass(CompletableFuture<T> from, CompletableFuture<T> to) {
        from.whenComplete((value, failure) -> {
            if (failure == null) {
                to.complete(value);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        var future = new CompletableFuture<CommitResult>();
        if (!chance(faults)) {
            later(1, () -> pass(store.commit(transaction), future));
            return future;
        }
        switch (choose(5)) {
            case 0 -> later(1, () -> fail(future, Kind.UNAVAILABLE));
            case 1 -> later(1, () -> fail(future, Kind.OUTCOME_UNKNOWN));
            case 2 ->
                later(
                        1,
                        () -> store.commit(transaction)
                                .whenComplete((applied, failure) -> fail(future, Kind.OUTCOME_UNKNOWN)));
            case 3 -> {
                later(1, () -> fail(future, Kind.OUTCOME_UNKNOWN));
                later(40, () -> store.commit(transaction));
            }
            default -> {
                later(1, () -> pass(store.commit(transaction), future));
                later(40, () -> store.commit(transaction));
            }
        }
        return future;
    }

    private static void fail(CompletableFuture<?> future, Kind kind) {
        future.completeExceptionally(new MetadataException(kind, "write lost"));
    }

    private synchronized boolean chance(double share) {
        return random.nextDouble() < share;
    }

    private synchronized int choose(int bound) {
        return random.nextInt(bound);
    }

    private void later(int times, Runnable call) {
        network.schedule(call, (long) choose(latencyMicros) * times, TimeUnit.MICROSECONDS);
    }

    @Override
    public String describe() {
        return "faulty " + store.describe();
    }

    @Override
    public void close() {
        network.shutdownNow();
    }
}
