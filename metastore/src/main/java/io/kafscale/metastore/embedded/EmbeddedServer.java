package io.kafscale.metastore.embedded;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.Transaction.Write;
import io.kafscale.metastore.WatchListener;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded store itself, shared by its clients. Everything happens on one loop. A transaction is applied to the memory at once
 * and then logged; every answer, of reads too, is held back until all it could have seen is durable, so that nobody ever sees what
 * a crash could take back.
 */
final class EmbeddedServer implements CommitLog.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);

    /** An answer that waits until {@code revision} is durable. */
    private record Answer(long revision, Runnable give, Consumer<MetadataException> fail, Kind ifLost) {}

    private final EventLoop loop;
    private final KeySpace keys;
    private final CommitLog log;
    private final EmbeddedSettings settings;
    private final WatchHub watches;
    private final LeaseTable leases;
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final Deque<WatchHub.Entry> undurable = new ArrayDeque<>();
    private final CompletableFuture<MetadataException> failed = new CompletableFuture<>();
    private long durableRevision;
    private long pendingBytes;
    private @Nullable MetadataException refusal;

    EmbeddedServer(EventLoop loop, KeySpace keys, CommitLog log, EmbeddedSettings settings) {
        this.loop = loop;
        this.keys = keys;
        this.log = log;
        this.settings = settings;
        this.durableRevision = keys.revision();
        this.watches = new WatchHub(loop, keys.isNew() ? 0 : keys.revision(), settings);
        this.leases = new LeaseTable(keys.revision() << 20);
        log.start(this);
    }

    EventLoop loop() {
        return loop;
    }

    CompletableFuture<MetadataException> failed() {
        return failed;
    }

    /** Runs {@code task} on the loop; fails {@code result} if the loop or the store has ended or too many wait. */
    <T> CompletableFuture<T> call(Consumer<CompletableFuture<T>> task) {
        var result = new CompletableFuture<T>();
        try {
            loop.execute(() -> {
                if (refusal != null) {
                    result.completeExceptionally(refusal);
                } else if (answers.size() >= settings.pendingAnswers()) {
                    result.completeExceptionally(new MetadataException(
                            Kind.UNAVAILABLE, "more than " + settings.pendingAnswers() + " calls wait for the disk"));
                } else {
                    task.accept(result);
                }
            });
        } catch (RejectedExecutionException ended) {
            result.completeExceptionally(new MetadataException(Kind.CLOSED, "the event loop has ended", ended));
        }
        return result;
    }

    void get(String key, CompletableFuture<Optional<KeyValue>> result) {
        answer(result, keys.get(key), Kind.CLOSED);
    }

    void range(String prefix, CompletableFuture<RangeResult> result) {
        answer(result, new RangeResult(keys.revision(), keys.range(prefix)), Kind.CLOSED);
    }

    void commit(Transaction transaction, CompletableFuture<CommitResult> result) {
        if (pendingBytes > settings.pendingBytes()) {
            result.completeExceptionally(new MetadataException(
                    Kind.UNAVAILABLE, "more than " + settings.pendingBytes() + " bytes of commits wait for the disk"));
            return;
        }
        var conflict = keys.conflict(transaction.expected());
        if (conflict.isPresent()) {
            answer(result, new CommitResult.Conflict(conflict.get()), Kind.CLOSED);
            return;
        }
        for (Write write : transaction.writes()) {
            if (write instanceof Write.Put put && put.leaseId() != 0 && !alive(put.leaseId())) {
                result.completeExceptionally(
                        new MetadataException(Kind.LEASE_GONE, "there is no lease " + put.leaseId()));
                return;
            }
        }
        apply(keys.plan(transaction.writes()), transaction.sizeInBytes());
        answer(result, new CommitResult.Committed(keys.revision()), Kind.OUTCOME_UNKNOWN);
    }

    WatchHub.Watcher watch(String prefix, long fromRevision, WatchListener listener) {
        WatchHub.Watcher watcher = watches.new Watcher(prefix, fromRevision, listener);
        loop.execute(() -> {
            if (refusal == null) {
                watches.add(watcher);
            }
        });
        return watcher;
    }

    void compact(long revision) {
        watches.compact(Math.min(revision, durableRevision));
    }

    /** Grants a lease that ends {@code timeToLive} after its last renewal. */
    LeaseTable.Entry grant(Duration timeToLive, Runnable onExpired) {
        LeaseTable.Entry lease = leases.grant(timeToLive.toNanos(), loop.time().nanoTime(), onExpired);
        awaitExpiry(lease);
        return lease;
    }

    /** Prolongs a lease; false if it has ended. */
    boolean renew(long leaseId) {
        if (!alive(leaseId)) {
            return false;
        }
        leases.get(leaseId).ifPresent(lease -> lease.renew(loop.time().nanoTime()));
        return true;
    }

    void revoke(long leaseId, CompletableFuture<Void> result) {
        leases.get(leaseId).ifPresent(this::end);
        answerLater(() -> result.complete(null), result::completeExceptionally, Kind.OUTCOME_UNKNOWN);
    }

    /** Refuses everything from now on; answers that wait for the disk are still given. */
    void shutdown() {
        watches.close();
        if (refusal == null) {
            refusal = new MetadataException(Kind.CLOSED, "the metadata store was closed");
        }
    }

    @Override
    public void onDurable(long revision) {
        if (loop.inLoop()) {
            durable(revision);
        } else {
            loop.execute(() -> durable(revision));
        }
    }

    @Override
    public void onFailure(Throwable cause) {
        loop.execute(() -> {
            boolean closing = refusal != null;
            refusal = new MetadataException(
                    Kind.CLOSED, "the metadata journal cannot be written, restart after mending: " + cause, cause);
            if (!closing) {
                LOG.error("The metadata journal failed, the store is closed for good", cause);
            }
            watches.close();
            while (!answers.isEmpty()) {
                Answer lost = answers.removeFirst();
                lost.fail()
                        .accept(new MetadataException(
                                lost.ifLost(), "the metadata journal failed before the answer was durable", cause));
            }
            failed.complete(refusal);
        });
    }

    private boolean alive(long leaseId) {
        Optional<LeaseTable.Entry> lease = leases.get(leaseId);
        if (lease.isPresent() && lease.get().leftNanos(loop.time().nanoTime()) <= 0) {
            expire(lease.get());
            return false;
        }
        return lease.isPresent();
    }

    private void awaitExpiry(LeaseTable.Entry lease) {
        long left = lease.leftNanos(loop.time().nanoTime());
        loop.schedule(Duration.ofNanos(Math.max(left, 1)), () -> {
            if (refusal == null && leases.get(lease.id()).isPresent() && alive(lease.id())) {
                awaitExpiry(lease);
            }
        });
    }

    private void expire(LeaseTable.Entry lease) {
        end(lease);
        answerLater(lease.onExpired(), failure -> {}, Kind.CLOSED);
    }

    private void end(LeaseTable.Entry lease) {
        leases.remove(lease);
        List<Write> deletes =
                lease.keys().stream().map(key -> (Write) new Write.Delete(key)).toList();
        apply(keys.plan(deletes), 0);
    }

    private void apply(List<Change> changes, long bytes) {
        if (changes.isEmpty()) {
            return;
        }
        long revision = keys.revision() + 1;
        keys.apply(revision, changes);
        leases.apply(changes);
        pendingBytes += bytes;
        undurable.addLast(new WatchHub.Entry(revision, List.copyOf(changes), bytes));
        log.append(revision, changes);
        if (log.wantsSnapshot()) {
            log.snapshot(keys.image());
        }
    }

    private void durable(long revision) {
        durableRevision = Math.max(durableRevision, revision);
        while (!undurable.isEmpty() && undurable.getFirst().revision() <= revision) {
            WatchHub.Entry entry = undurable.removeFirst();
            pendingBytes -= entry.bytes();
            watches.publish(entry);
        }
        giveAnswers();
    }

    private <T> void answer(CompletableFuture<T> result, T value, Kind ifLost) {
        answerLater(() -> result.complete(value), result::completeExceptionally, ifLost);
    }

    private void answerLater(Runnable give, Consumer<MetadataException> fail, Kind ifLost) {
        answers.addLast(new Answer(keys.revision(), give, fail, ifLost));
        giveAnswers();
    }

    private void giveAnswers() {
        while (!answers.isEmpty() && answers.getFirst().revision() <= durableRevision) {
            answers.removeFirst().give().run();
        }
    }
}
