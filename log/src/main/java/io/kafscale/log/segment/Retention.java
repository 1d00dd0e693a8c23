package io.kafscale.log.segment;

import io.kafscale.format.ObjectLayout;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves log starts by age and size, or by request, and has the objects below them deleted. The record in the metadata store moves
 * first; only then, after a grace, is anything deleted.
 *
 * <p>Each partition is looked at when something may be due: when its oldest segment comes of age, or a while after it has got a new
 * one. Looking costs requests only for what is not known yet: a listing per partition and leader, and the index of a segment
 * before it is deleted. A partition without segments, or with none due, costs none. One partition at a time. Belongs to the log
 * loop.
 */
public final class Retention {
    private static final Duration LONGEST_WAIT = Duration.ofHours(12);
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private static final class Watched {
        final StoredPartition partition;
        Deadlines.@Nullable Pending timer;
        long dueNanos;
        boolean queued;

        Watched(StoredPartition partition) {
            this.partition = partition;
        }
    }

    private final ObjectLayout layout;
    private final EventLoop loop;
    private final SegmentIndexes indexes;
    private final ObjectCollector collector;
    private final SegmentListener listener;
    private final Deadlines deadlines;
    private final Duration interval;
    private final Map<PartitionId, Watched> watched = new HashMap<>();
    private final Deque<Watched> due = new ArrayDeque<>();
    private boolean checking;

    /**
     * Watches nothing yet.
     *
     * @param interval how long after it got a new segment or a new leader a partition is looked at
     */
    public Retention(
            PartitionStores stores,
            SegmentIndexes indexes,
            ObjectCollector collector,
            SegmentListener listener,
            Deadlines deadlines,
            Duration interval) {
        this.layout = stores.layout();
        this.loop = stores.loop();
        this.indexes = indexes;
        this.collector = collector;
        this.listener = listener;
        this.deadlines = deadlines;
        this.interval = interval;
    }

    /** Looks after a partition from now on. */
    public void track(StoredPartition partition) {
        if (watched.putIfAbsent(partition.id(), new Watched(partition)) != null) {
            throw new IllegalStateException(partition.place() + " is tracked already");
        }
        changed(partition.id());
    }

    /** Looks after it no longer. */
    public void untrack(StoredPartition partition) {
        Watched known = watched.get(partition.id());
        if (known != null && known.partition == partition) {
            watched.remove(partition.id());
            cancelTimer(known);
            due.remove(known);
        }
    }

    /** The partition has a new segment or other settings; nothing happens if it is not tracked. */
    public void changed(PartitionId partition) {
        Watched known = watched.get(partition);
        if (known != null && hasSegments(known)) {
            schedule(known, interval);
        }
    }

    private static boolean hasSegments(Watched known) {
        return known.partition.segmentEnd() > 0;
    }

    /**
     * Moves the log start up to {@code beforeOffset} by request; -1 stands for the high watermark.
     *
     * @return the log start afterwards; fails with {@link LogException} of kind OFFSET_OUT_OF_RANGE or POLICY_VIOLATION, or as the
     *     change of the record does
     */
    public CompletableFuture<Long> deleteRecords(StoredPartition partition, long beforeOffset) {
        long target = beforeOffset == -1 ? partition.durableEnd() : beforeOffset;
        if (partition.settings().keepsEverything()) {
            return CompletableFuture.failedFuture(
                    new LogException(Kind.POLICY_VIOLATION, partition.place() + " has no cleanup policy that deletes"));
        }
        if (target < 0 || target > partition.durableEnd()) {
            return CompletableFuture.failedFuture(new LogException(
                    Kind.OFFSET_OUT_OF_RANGE,
                    "records of " + partition.place() + " cannot be deleted up to " + target
                            + ": its high watermark is " + partition.durableEnd()));
        }
        if (target <= partition.logStart()) {
            return CompletableFuture.completedFuture(partition.logStart());
        }
        return partition.advanceLogStart(target).thenApply(record -> {
            listener.logStartMoved(partition.place(), record.logStartOffset());
            Watched known = watched.get(partition.id());
            if (known != null && hasSegments(known)) {
                schedule(known, Duration.ZERO);
            }
            return record.logStartOffset();
        });
    }

    private void schedule(Watched known, Duration delay) {
        long dueNanos = loop.time().nanoTime() + delay.toNanos();
        if (known.queued || (known.timer != null && known.dueNanos <= dueNanos)) {
            return;
        }
        cancelTimer(known);
        known.dueNanos = dueNanos;
        known.timer = deadlines.at(dueNanos, () -> {
            known.timer = null;
            if (watched.get(known.partition.id()) != known) {
                return;
            }
            known.queued = true;
            due.add(known);
            checkNext();
        });
    }

    private static void cancelTimer(Watched known) {
        if (known.timer != null) {
            known.timer.cancel();
            known.timer = null;
        }
    }

    private void checkNext() {
        if (checking || due.isEmpty()) {
            return;
        }
        checking = true;
        Watched known = due.remove();
        check(known).whenComplete((wait, failure) -> {
            checking = false;
            known.queued = false;
            boolean led = watched.get(known.partition.id()) == known;
            if (failure != null && led) {
                later(known, FutureFailure.cause(failure));
            } else if (led && wait.isPresent()) {
                schedule(known, wait.get());
            }
            checkNext();
        });
    }

    private void later(Watched known, Throwable failure) {
        LOG.warn("retention of {} could not be checked, trying again later", known.partition.place(), failure);
        boolean gone = failure instanceof StorageException storage && storage.kind() == StorageException.Kind.NOT_FOUND;
        CompletableFuture<Void> ready =
                gone ? known.partition.catalog().refresh() : CompletableFuture.completedFuture(null);
        ready.whenComplete((nothing, ignored) -> schedule(known, interval));
    }

    /** Looks at one partition; tells when to look again, if that is known. */
    private CompletableFuture<Optional<Duration>> check(Watched known) {
        StoredPartition partition = known.partition;
        if (partition.closed() != null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        boolean mayHaveGarbage = partition.logStart() > 0;
        var listed = mayHaveGarbage
                ? partition.catalog().searched()
                : partition.catalog().listed();
        return listed.thenCompose(nothing -> {
            var sweep = new RetentionSweep(partition, indexes, loop.time().wallClockMs());
            return sweep.newLogStart()
                    .thenCompose(target -> sweep.isCurrent() && target > partition.logStart()
                            ? partition.advanceLogStart(target).thenAccept(record -> {
                                LOG.info("retention moves the log start of {} to {}", partition.place(), target);
                                listener.logStartMoved(partition.place(), record.logStartOffset());
                            })
                            : CompletableFuture.completedFuture(null))
                    .thenCompose(moved -> sweep.whollyBelowLogStart())
                    .thenApply(garbage -> {
                        collect(partition, garbage);
                        return sweep.isCurrent() ? sweep.nextDue().map(Retention::bounded) : Optional.of(interval);
                    });
        });
    }

    private static Duration bounded(Duration wait) {
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    /** Indexes go before segments, so that no index is ever left without its segment. */
    private void collect(StoredPartition partition, List<Long> baseOffsets) {
        SegmentCatalog catalog = partition.catalog();
        var doomed = new ArrayList<>(baseOffsets);
        doomed.addAll(catalog.orphanIndexes().headSet(partition.logStart()));
        if (doomed.isEmpty()) {
            return;
        }
        catalog.doom(doomed);
        var indexKeys = doomed.stream()
                .map(base -> partition.place().indexKey(layout, base))
                .toList();
        var segmentKeys = doomed.stream()
                .map(base -> partition.place().segmentKey(layout, base))
                .toList();
        collector.collect(List.of(indexKeys, segmentKeys), () -> catalog.deleted(doomed));
    }
}
