package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.metastore.cluster.PartitionId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns waiting chunks into segments, in the background. A partition is due when {@code segment.bytes} wait, when its oldest chunk
 * has waited for {@code segment.ms}, when it has collected several tenures, or when the directory of all waiting chunks outgrows
 * its budget. Due partitions are worked on in groups that fit into memory, so that a WAL object in which many of them have
 * something is read once; one group is under way at a time.
 *
 * <p>A failed round is repeated after a while. Bytes that contradict each other stop the partition, loudly, and nothing else.
 * Belongs to the log loop.
 */
public final class SegmentWriter {
    /** Most partitions worked on together. */
    private static final int GROUP = 256;

    /** A partition may come early by this fraction of its age limit. */
    private static final int EARLY_SHARE = 8;

    private static final long RELIEF_PAUSE_NANOS = 1_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(SegmentWriter.class);

    /** What is known of one partition's turn. */
    private static final class Work {
        final StoredPartition partition;
        final @Nullable CompletableFuture<Void> inheritance;
        Deadlines.@Nullable Pending timer;
        long dueNanos;
        int failures;
        boolean busy;
        boolean stopped;

        Work(StoredPartition partition, @Nullable CompletableFuture<Void> inheritance) {
            this.partition = partition;
            this.inheritance = inheritance;
        }
    }

    private record Assignment(Work work, SegmentCut cut) {}

    private final PartitionStores stores;
    private final SegmentSettings settings;
    private final SegmentListener listener;
    private final Deadlines deadlines;
    private final RandomGenerator random;
    private final ChunkLoader loader;
    private final SegmentPublisher publisher;
    private final Map<PartitionId, Work> works = new HashMap<>();
    private final Deque<Work> ready = new ArrayDeque<>();
    private long relievedNanos;
    private boolean pumping;
    private boolean running;
    private boolean resting;
    private boolean closed;

    /**
     * A writer with nothing to do.
     *
     * @param compute where whole segments are checked, encoded and indexed
     */
    public SegmentWriter(
            PartitionStores stores,
            SegmentIndexes indexes,
            SegmentSettings settings,
            SegmentListener listener,
            Deadlines deadlines,
            RandomGenerator random,
            Executor compute) {
        this.stores = stores;
        this.settings = settings;
        this.listener = listener;
        this.deadlines = deadlines;
        this.random = random;
        this.relievedNanos = stores.loop().time().nanoTime() - RELIEF_PAUSE_NANOS;
        var retries = new StoreRetries(stores.loop(), random, settings.backoff(), settings.attempts());
        this.loader = new ChunkLoader(stores, retries, compute);
        this.publisher = new SegmentPublisher(stores, indexes, new ProducerSnapshots(indexes), retries, compute);
    }

    /** Looks after a partition from now on. */
    public void track(StoredPartition partition) {
        if (works.putIfAbsent(partition.id(), new Work(partition, null)) != null) {
            throw new IllegalStateException(partition.place() + " is tracked already");
        }
        waits(partition);
    }

    /** Looks after it no longer; a segment of it that is under way may still land, which harms nobody. */
    public void untrack(StoredPartition partition) {
        Work work = works.get(partition.id());
        if (work != null && work.partition == partition) {
            works.remove(partition.id());
            stop(work);
        }
    }

    /** Something more waits in the partition, or its settings or tenures changed. Cheap. */
    public void waits(StoredPartition partition) {
        Work work = works.get(partition.id());
        if (work != null) {
            plan(work);
            relieveDirectory();
        }
    }

    /**
     * Writes segments of what earlier leaders left, before this broker takes the partition over: so many tenures cannot be
     * followed by another one.
     *
     * @return completes once nothing waits; fails with {@link LogException}
     */
    public CompletableFuture<Void> writeInherited(StoredPartition partition) {
        var done = new CompletableFuture<Void>();
        if (partition.waiting().isEmpty()) {
            done.complete(null);
            return done;
        }
        if (closed) {
            done.completeExceptionally(notWrittenAnyMore(partition));
            return done;
        }
        var work = new Work(partition, done);
        if (works.putIfAbsent(partition.id(), work) != null) {
            throw new IllegalStateException(partition.place() + " is tracked already");
        }
        work.busy = true;
        ready.addFirst(work);
        pumpSoon();
        return done;
    }

    /** Starts nothing new. */
    public void close() {
        closed = true;
        var all = new ArrayList<>(works.values());
        works.clear();
        ready.clear();
        all.forEach(this::stop);
    }

    private void stop(Work work) {
        work.stopped = true;
        cancelTimer(work);
        if (work.inheritance != null) {
            work.inheritance.completeExceptionally(notWrittenAnyMore(work.partition));
        }
    }

    private static LogException notWrittenAnyMore(StoredPartition partition) {
        return new LogException(Kind.CLOSED, "segments of " + partition.place() + " are not written any more");
    }

    private static void cancelTimer(Work work) {
        if (work.timer != null) {
            work.timer.cancel();
            work.timer = null;
        }
    }

    private void plan(Work work) {
        StoredPartition partition = work.partition;
        if (work.stopped || work.busy || work.failures > 0) {
            return;
        }
        if (partition.waiting().isEmpty()) {
            cancelTimer(work);
            return;
        }
        if (isUrgent(partition)) {
            enqueue(work);
            return;
        }
        long due = partition.waiting().first().sinceNanos()
                + partition.settings().segmentAge().toNanos();
        if (work.timer == null || work.dueNanos != due) {
            cancelTimer(work);
            work.dueNanos = due;
            work.timer = deadlines.at(due, () -> enqueue(work));
        }
    }

    private boolean isUrgent(StoredPartition partition) {
        return partition.waiting().bytes() >= partition.settings().segmentBytes()
                || partition.record().value().tenures().size() >= settings.mostTenures();
    }

    private void enqueue(Work work) {
        if (!work.stopped && !work.busy) {
            makeReady(work);
            pumpSoon();
        }
    }

    private void makeReady(Work work) {
        cancelTimer(work);
        work.busy = true;
        ready.addLast(work);
    }

    /** Many small chunks may fill the directory long before any partition is due: those with most chunks go first. */
    private void relieveDirectory() {
        long excess = stores.directory().used() - stores.directory().capacity();
        long now = stores.loop().time().nanoTime();
        if (excess <= 0 || running || resting || !ready.isEmpty() || now - relievedNanos < RELIEF_PAUSE_NANOS) {
            return;
        }
        relievedNanos = now;
        var most = new ArrayList<Work>();
        works.values().stream()
                .filter(work -> !work.stopped && !work.busy && work.failures == 0)
                .filter(work -> !work.partition.waiting().isEmpty())
                .forEach(most::add);
        most.sort(
                Comparator.<Work>comparingInt(work -> -work.partition.waiting().size())
                        .thenComparing(work -> work.partition.id().topicId())
                        .thenComparingInt(work -> work.partition.id().partition()));
        long toFree = excess + stores.directory().capacity() / 4;
        var chosen = new ArrayList<Work>();
        for (Work work : most) {
            if (toFree <= 0) {
                break;
            }
            toFree -= (long) work.partition.waiting().size() * WaitingChunk.HEAP_BYTES;
            chosen.add(work);
        }
        chosen.forEach(this::makeReady);
        pumpSoon();
    }

    /** What becomes due in the same turn of the loop goes into the same group. */
    private void pumpSoon() {
        if (!pumping) {
            pumping = true;
            stores.loop().execute(() -> {
                pumping = false;
                pump();
            });
        }
    }

    /** Partitions that will be due soon join a round that is about to start: they are likely to need the same objects. */
    private void inviteEarly() {
        long now = stores.loop().time().nanoTime();
        var early = new ArrayList<Work>();
        for (Work work : works.values()) {
            long leadNanos = work.partition.settings().segmentAge().toNanos() / EARLY_SHARE;
            if (work.timer != null && work.failures == 0 && work.dueNanos - now <= leadNanos) {
                early.add(work);
            }
        }
        early.sort(Comparator.<Work>comparingLong(work -> work.dueNanos).thenComparing(SegmentWriter::byPartition));
        early.forEach(this::makeReady);
    }

    private static int byPartition(Work one, Work other) {
        int byTopic =
                one.partition.id().topicId().compareTo(other.partition.id().topicId());
        return byTopic != 0
                ? byTopic
                : Integer.compare(
                        one.partition.id().partition(), other.partition.id().partition());
    }

    private void pump() {
        if (running || resting || closed || ready.isEmpty()) {
            return;
        }
        inviteEarly();
        var group = new ArrayList<Assignment>();
        long bytes = 0;
        for (Iterator<Work> each = ready.iterator(); each.hasNext(); ) {
            Work work = each.next();
            if (work.stopped || work.partition.waiting().isEmpty()) {
                each.remove();
                finished(work);
                continue;
            }
            SegmentCut cut = SegmentCut.next(work.partition);
            if (group.size() == GROUP || (!group.isEmpty() && bytes + cut.bytes() > settings.groupBytes())) {
                break;
            }
            bytes += cut.bytes();
            group.add(new Assignment(work, cut));
            each.remove();
        }
        if (!group.isEmpty()) {
            start(group, bytes);
        }
    }

    private void start(List<Assignment> group, long bytes) {
        running = true;
        long startedNanos = stores.loop().time().nanoTime();
        ChunkLoader.Loaded loaded =
                loader.load(group.stream().map(Assignment::cut).toList());
        loaded.done()
                .thenCompose(nothing -> publishAll(group.iterator(), loaded))
                .whenComplete((nothing, failure) -> {
                    running = false;
                    if (failure != null) {
                        LOG.error("writing a group of segments failed unexpectedly", failure);
                        group.forEach(assignment -> failed(assignment.work(), failure));
                    }
                    rest(startedNanos, bytes);
                });
    }

    private CompletableFuture<Void> publishAll(Iterator<Assignment> group, ChunkLoader.Loaded loaded) {
        return LoopFutures.repeat(() -> group.hasNext() ? publish(group.next(), loaded) : null);
    }

    private CompletableFuture<Void> publish(Assignment assignment, ChunkLoader.Loaded loaded) {
        Work work = assignment.work();
        CompletableFuture<Segment> published = work.stopped || work.partition.closed() != null
                ? CompletableFuture.failedFuture(new LogException(Kind.CLOSED, "not led any more"))
                : loaded.take(assignment.cut()).thenCompose(batches -> publisher.publish(assignment.cut(), batches));
        return published.handle((segment, failure) -> {
            if (failure == null) {
                listener.segmentWritten(work.partition.place(), segment);
                work.failures = 0;
                next(work);
            } else {
                failed(work, failure);
            }
            return null;
        });
    }

    private void next(Work work) {
        if (work.inheritance != null && !work.partition.waiting().isEmpty() && !work.stopped) {
            ready.addFirst(work);
        } else {
            finished(work);
        }
    }

    private void finished(Work work) {
        work.busy = false;
        if (work.inheritance != null) {
            works.remove(work.partition.id(), work);
            work.inheritance.complete(null);
        } else {
            plan(work);
        }
    }

    private void failed(Work work, Throwable failure) {
        Throwable cause = LoopFutures.unwrap(failure);
        boolean contradiction = cause instanceof CorruptObjectException
                || cause instanceof IllegalArgumentException
                || (cause instanceof LogException known && known.kind() == Kind.CORRUPT);
        if (contradiction && !work.stopped) {
            LOG.error(
                    "the stored bytes of {} contradict each other: no more segments of it are written",
                    work.partition.place(),
                    cause);
            listener.damaged(work.partition.place(), cause);
        }
        if (work.inheritance != null) {
            works.remove(work.partition.id(), work);
            work.inheritance.completeExceptionally(asLogException(work, cause, contradiction));
            return;
        }
        work.busy = false;
        work.stopped |= contradiction || work.partition.closed() != null;
        if (!work.stopped && !closed) {
            Duration delay = settings.backoff().delay(work.failures++, random);
            LOG.warn(
                    "a segment of {} could not be written, trying again in {} ms",
                    work.partition.place(),
                    delay.toMillis(),
                    cause);
            cancelTimer(work);
            long due = stores.loop().time().nanoTime() + delay.toNanos();
            work.timer = deadlines.at(due, () -> enqueue(work));
        }
    }

    private static LogException asLogException(Work work, Throwable cause, boolean contradiction) {
        if (cause instanceof LogException known) {
            return known;
        }
        return new LogException(
                contradiction ? Kind.CORRUPT : Kind.STORAGE_UNAVAILABLE,
                "the chunks that " + work.partition.place() + " inherits could not be made segments",
                cause);
    }

    /** Keeps the average rate within bounds, then goes on. */
    private void rest(long startedNanos, long bytes) {
        long took = stores.loop().time().nanoTime() - startedNanos;
        double seconds = (double) bytes / settings.bytesPerSecond();
        long pauseNanos = (long) (seconds * 1e9) - took;
        if (pauseNanos <= 0) {
            pump();
            return;
        }
        resting = true;
        stores.loop().schedule(Duration.ofNanos(pauseNanos), () -> {
            resting = false;
            pump();
        });
    }
}
