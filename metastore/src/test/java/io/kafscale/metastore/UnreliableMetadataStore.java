package io.kafscale.metastore;

import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A metadata store behind a bad network, on one event loop: requests and answers take their time, get lost, and commits arrive
 * twice or long after their sender was told that nothing is known of them. Watches and leases pass unharmed.
 */
public final class UnreliableMetadataStore extends ForwardingMetadataStore {
    private final MetadataStore store;
    private final EventLoop loop;
    private final RandomGenerator random;
    private double trouble;

    /**
     * Wraps {@code store}.
     *
     * @param trouble the share of calls that something happens to, 0 to 1
     */
    public UnreliableMetadataStore(MetadataStore store, EventLoop loop, RandomGenerator random, double trouble) {
        super(store);
        this.store = store;
        this.loop = loop;
        this.random = random;
        this.trouble = trouble;
    }

    /** Changes the share of calls that something happens to. */
    public void setTrouble(double share) {
        trouble = share;
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return read(() -> store.get(key));
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return read(() -> store.range(prefix));
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        var result = new CompletableFuture<CommitResult>();
        var doubt = new MetadataException(Kind.OUTCOME_UNKNOWN, "the answer was lost");
        if (random.nextDouble() >= trouble) {
            later(10, () -> forward(store.commit(transaction), result));
            return result;
        }
        switch (random.nextInt(5)) {
            case 0 ->
                later(
                        5,
                        () -> result.completeExceptionally(
                                new MetadataException(Kind.UNAVAILABLE, "the request was lost")));
            case 1 -> later(10, () -> result.completeExceptionally(doubt));
            case 2 ->
                later(
                        10,
                        () -> store.commit(transaction)
                                .whenComplete((answer, failure) -> result.completeExceptionally(doubt)));
            case 3 -> {
                later(10, () -> result.completeExceptionally(doubt));
                later(5_000, () -> store.commit(transaction));
            }
            default -> {
                later(10, () -> forward(store.commit(transaction), result));
                later(5_000, () -> store.commit(transaction));
            }
        }
        return result;
    }

    @Override
    public String describe() {
        return "unreliable " + store.describe();
    }

    private <T> CompletableFuture<T> read(Supplier<CompletableFuture<T>> call) {
        var result = new CompletableFuture<T>();
        if (random.nextDouble() < trouble / 4) {
            later(
                    10,
                    () -> result.completeExceptionally(
                            new MetadataException(Kind.UNAVAILABLE, "the request was lost")));
        } else {
            later(10, () -> forward(call.get(), result));
        }
        return result;
    }

    private void later(int maxMs, Runnable task) {
        loop.schedule(Duration.ofNanos(random.nextLong(maxMs * 1_000_000L)), task);
    }

    private static <T> void forward(CompletableFuture<T> from, CompletableFuture<T> to) {
        from.whenComplete((value, failure) -> {
            if (failure != null) {
                to.completeExceptionally(failure);
            } else {
                to.complete(value);
            }
        });
    }
}
