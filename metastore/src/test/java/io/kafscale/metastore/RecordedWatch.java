package io.kafscale.metastore;

import io.kafscale.metastore.WatchListener.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A watch listener that remembers, and lets a test wait for what it is told. Thread-safe. */
public final class RecordedWatch implements WatchListener {
    /** What one call said. */
    public record Report(long revision, List<Change> changes) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private final List<Report> reports = new ArrayList<>();
    private boolean compacted;

    @Override
    public void onChanges(long revision, List<Change> changes) {
        locked(() -> reports.add(new Report(revision, changes)));
    }

    @Override
    public void onCompacted() {
        locked(() -> compacted = true);
    }

    /** All reports so far. */
    public List<Report> reports() {
        lock.lock();
        try {
            return List.copyOf(reports);
        } finally {
            lock.unlock();
        }
    }

    /** All changes so far, in order. */
    public List<Change> changes() {
        return reports().stream().flatMap(report -> report.changes().stream()).toList();
    }

    /** Waits until the revision was reported. */
    public void awaitRevision(long revision) throws InterruptedException {
        await(() -> !reports.isEmpty() && reports.getLast().revision() >= revision, "revision " + revision);
    }

    /** Waits until {@code count} changes were reported. */
    public void awaitChanges(int count) throws InterruptedException {
        await(() -> reports.stream().mapToInt(report -> report.changes().size()).sum() >= count, count + " changes");
    }

    /** Waits until the watch was told that its revisions are gone. */
    public void awaitCompacted() throws InterruptedException {
        await(() -> compacted, "compaction");
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            told.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(BooleanSupplier condition, String what) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(20);
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    throw new AssertionError("the watch was not told of " + what + ", only of " + reports);
                }
                left = told.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
