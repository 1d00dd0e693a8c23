package io.kafscale.log.engine;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.Transaction.Write;
import io.kafscale.metastore.WatchListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** A broker's way to the metadata store, on which certain commits get lost, reads fail and what is watched comes late. */
final class FaultyMetadata extends ForwardingMetadataStore {
    /** What becomes of a commit. */
    enum Fate {
        /** It arrives, and so does the answer. */
        ANSWERED,
        /** It arrives, and the answer is lost. */
        ANSWER_LOST,
        /** It does not arrive, and nobody is told. */
        LOST,
        /** Nothing is known of it until the test sends it on. */
        HELD
    }

    private final MetadataStore real;
    private final List<Transaction> lost = new ArrayList<>();
    private final List<Runnable> held = new ArrayList<>();
    private Predicate<Transaction> which = transaction -> false;
    private final Deque<Report> unreported = new ArrayDeque<>();
    private Fate fate = Fate.ANSWERED;
    private boolean unreadable;
    private boolean watchesWait;

    /** What a watch has not been told yet. */
    private record Report(long revision, Runnable tell) {}

    FaultyMetadata(MetadataStore real) {
        super(real);
        this.real = real;
    }

    /** From now on. */
    void commits(Predicate<Transaction> those, Fate suffer) {
        which = those;
        fate = suffer;
    }

    /** Reads of single keys fail, or do so no more. */
    void readsFail(boolean fail) {
        unreadable = fail;
    }

    /** From now on watches are told nothing but what {@link #report} lets through. */
    void holdWatches() {
        watchesWait = true;
    }

    /** Tells the watches what happened up to a revision. */
    void report(long upTo) {
        while (!unreported.isEmpty() && unreported.getFirst().revision() <= upTo) {
            unreported.removeFirst().tell().run();
        }
    }

    /** Tells the watches everything, from now on at once. */
    void reportAll() {
        watchesWait = false;
        report(Long.MAX_VALUE);
    }

    void heal() {
        fate = Fate.ANSWERED;
    }

    /** Transactions whose answers did not come. */
    List<Transaction> lost() {
        return List.copyOf(lost);
    }

    boolean holdsSome() {
        return !held.isEmpty();
    }

    /** Lets what was held arrive, and the answers too. */
    void sendOn() {
        heal();
        var late = List.copyOf(held);
        held.clear();
        late.forEach(Runnable::run);
    }

    /** Whether a transaction releases or acquires partitions. */
    static boolean leads(Transaction transaction, boolean somebody) {
        return transaction.writes().stream()
                .anyMatch(write -> write.key().contains("/image/partitions/")
                        && write instanceof Write.Put put
                        && new String(put.value().toArray(), StandardCharsets.UTF_8).contains("\"leader\":")
                                == somebody);
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        if (fate == Fate.ANSWERED || !which.test(transaction)) {
            return real.commit(transaction);
        }
        lost.add(transaction);
        if (fate == Fate.HELD) {
            var answer = new CompletableFuture<CommitResult>();
            held.add(() -> real.commit(transaction).whenComplete((result, failure) -> {
                if (failure == null) {
                    answer.complete(result);
                } else {
                    answer.completeExceptionally(failure);
                }
            }));
            return answer;
        }
        CompletableFuture<?> arrived =
                fate == Fate.ANSWER_LOST ? real.commit(transaction) : CompletableFuture.completedFuture(null);
        return arrived.handle((_, _) -> null)
                .thenCompose(_ -> CompletableFuture.failedFuture(
                        new MetadataException(Kind.OUTCOME_UNKNOWN, "the answer was lost")));
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return unreadable
                ? CompletableFuture.failedFuture(new MetadataException(Kind.UNAVAILABLE, "not now"))
                : real.get(key);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return real.watch(prefix, fromRevision, new WatchListener() {
            @Override
            public void onChanges(long revision, List<Change> changes) {
                if (watchesWait) {
                    unreported.addLast(new Report(revision, () -> listener.onChanges(revision, changes)));
                } else {
                    listener.onChanges(revision, changes);
                }
            }

            @Override
            public void onCompacted() {
                listener.onCompacted();
            }
        });
    }
}
