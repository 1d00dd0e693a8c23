package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A store whose calls a test can hold back and answer as it likes: late, with an error, or with an error although they took place.
 * While nothing is held, it answers like the store behind it. Thread-safe.
 */
final class HeldStore extends ForwardingMetadataStore {
    private final MemoryMetadataStore store;
    private final List<Call> held = new ArrayList<>();
    private Predicate<Call> holding = call -> false;
    private int sent;

    /** A call that waits for the test. */
    static final class Call {
        final Kind kind;
        final Runnable answer;
        final Runnable apply;
        final CompletableFuture<?> future;
        final Optional<Transaction> transaction;

        Call(
                Kind kind,
                Optional<Transaction> transaction,
                Runnable answer,
                Runnable apply,
                CompletableFuture<?> future) {
            this.kind = kind;
            this.transaction = transaction;
            this.answer = answer;
            this.apply = apply;
            this.future = future;
        }

        /** It takes place now, and the caller is told. */
        void answer() {
            answer.run();
        }

        /** It takes place now, and nobody is told. */
        void applySilently() {
            apply.run();
        }

        void fail(MetadataException.Kind failure) {
            future.completeExceptionally(new MetadataException(failure, "held"));
        }
    }

    enum Kind {
        GET,
        RANGE,
        COMMIT
    }

    HeldStore(MemoryMetadataStore store) {
        super(store);
        this.store = store;
    }

    /** Holds every later call that {@code which} accepts. */
    synchronized void hold(Predicate<Call> which) {
        holding = which;
    }

    synchronized void holdCommits() {
        hold(call -> call.kind == Kind.COMMIT);
    }

    /** Holds nothing any more, and answers what is held. */
    void letGo() {
        List<Call> all;
        synchronized (this) {
            holding = call -> false;
            all = List.copyOf(held);
            held.clear();
        }
        all.forEach(Call::answer);
    }

    /** The oldest held call, waiting for one if need be. */
    synchronized Call take() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (held.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("no call was held");
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return held.removeFirst();
    }

    synchronized int heldNow() {
        return held.size();
    }

    /** Transactions sent so far, held ones included. */
    synchronized int commitsSent() {
        return sent;
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        var future = new CompletableFuture<Optional<KeyValue>>();
        return pass(
                new Call(Kind.GET, Optional.empty(), () -> future.complete(store.read(key)), () -> {}, future), future);
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        var future = new CompletableFuture<RangeResult>();
        return pass(
                new Call(Kind.RANGE, Optional.empty(), () -> future.complete(store.list(prefix)), () -> {}, future),
                future);
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        var future = new CompletableFuture<CommitResult>();
        synchronized (this) {
            sent++;
        }
        return pass(
                new Call(
                        Kind.COMMIT,
                        Optional.of(transaction),
                        () -> future.complete(store.apply(transaction)),
                        () -> store.apply(transaction),
                        future),
                future);
    }

    private <T> CompletableFuture<T> pass(Call call, CompletableFuture<T> future) {
        synchronized (this) {
            if (holding.test(call)) {
                held.add(call);
                notifyAll();
                return future;
            }
        }
        call.answer();
        return future;
    }

    @Override
    public String describe() {
        return "held " + store.describe();
    }

    @Override
    public void close() {}
}
