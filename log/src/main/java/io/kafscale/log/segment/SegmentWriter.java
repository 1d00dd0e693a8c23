package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
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

    private static final Logger LOG = LoggerFactory.getLogger(SegmentWriter.class);

    private record Assignment(SegmentTurn turn, SegmentCut cut) {}

    private final PartitionStores stores;
    private final SegmentSettings settings;
    private final SegmentListener listener;
    private final SegmentSchedule schedule;
    private final ChunkLoader loader;
    private final SegmentPublisher publisher;
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
        this.schedule = new SegmentSchedule(stores, settings, deadlines, random, this::pumpSoon);
        var retries = new StoreRetries(stores.loop(), random, settings.backoff(), settings.attempts());
        this.loader = new ChunkLoader(stores, retries, compute);
        this.publisher = new SegmentPublisher(stores, indexes, new ProducerSnapshots(indexes), retries, compute);
    }

    /** Looks after a partition from now on. */
    public void track(StoredPartition partition) {
        schedule.plan(schedule.add(partition, null));
    }

    /** Looks after it no longer; a segment of it that is under way may still land, which harms nobody. */
    public void untrack(StoredPartition partition) {
        SegmentTurn turn = schedule.find(partition.id());
        if (turn != null && turn.partition == partition) {
            schedule.remove(turn);
            endInheritance(turn);
        }
    }

    /** Something more waits in the partition, or its settings or tenures changed. Cheap. */
    public void waits(StoredPartition partition) {
        SegmentTurn turn = schedule.find(partition.id());
        if (turn != null) {
            schedule.plan(turn);
            if (!running && !resting) {
                schedule.relieveDirectory();
            }
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
        } else if (closed) {
            done.completeExceptionally(notWrittenAnyMore(partition));
        } else {
            schedule.makeReadyFirst(schedule.add(partition, done));
        }
        return done;
    }

    /** Starts nothing new. */
    public void close() {
        closed = true;
        schedule.removeAll().forEach(SegmentWriter::endInheritance);
    }

    private static void endInheritance(SegmentTurn turn) {
        if (turn.inheritance != null) {
            turn.inheritance.completeExceptionally(notWrittenAnyMore(turn.partition));
        }
    }

    private static LogException notWrittenAnyMore(StoredPartition partition) {
        return new LogException(Kind.CLOSED, "segments of " + partition.place() + " are not written any more");
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

    private void pump() {
        if (running || resting || closed || schedule.peekReady() == null) {
            return;
        }
        schedule.inviteEarly();
        var group = new ArrayList<Assignment>();
        long bytes = 0;
        for (SegmentTurn turn = schedule.peekReady();
                turn != null && group.size() < GROUP;
                turn = schedule.peekReady()) {
            if (turn.partition.waiting().isEmpty()) {
                schedule.takeReady();
                finished(turn);
                continue;
            }
            LogException refused = turn.partition.whyNotWritable();
            if (refused != null) {
                schedule.takeReady();
                failed(turn, refused);
                continue;
            }
            SegmentCut cut = SegmentCut.next(turn.partition);
            if (!group.isEmpty() && bytes + cut.bytes() > settings.groupBytes()) {
                break;
            }
            bytes += cut.bytes();
            group.add(new Assignment(turn, cut));
            schedule.takeReady();
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
                        group.forEach(assignment -> failed(assignment.turn(), failure));
                    }
                    rest(startedNanos, bytes);
                });
    }

    private CompletableFuture<Void> publishAll(Iterator<Assignment> group, ChunkLoader.Loaded loaded) {
        return LoopFutures.repeat(() -> group.hasNext() ? publish(group.next(), loaded) : null);
    }

    private CompletableFuture<Void> publish(Assignment assignment, ChunkLoader.Loaded loaded) {
        SegmentTurn turn = assignment.turn();
        CompletableFuture<Segment> published = turn.stopped || turn.partition.closed() != null
                ? CompletableFuture.failedFuture(new LogException(Kind.CLOSED, "not led any more"))
                : loaded.take(assignment.cut()).thenCompose(batches -> publisher.publish(assignment.cut(), batches));
        return published.handle((segment, failure) -> {
            if (failure != null) {
                failed(turn, failure);
                return null;
            }
            listener.segmentWritten(turn.partition.place(), segment);
            boolean moreInherited =
                    turn.inheritance != null && !turn.partition.waiting().isEmpty() && !turn.stopped;
            if (moreInherited) {
                schedule.makeReadyFirst(turn);
            } else {
                finished(turn);
            }
            return null;
        });
    }

    private void finished(SegmentTurn turn) {
        if (turn.inheritance != null) {
            schedule.remove(turn);
            turn.inheritance.complete(null);
        } else {
            schedule.done(turn);
        }
    }

    private void failed(SegmentTurn turn, Throwable failure) {
        Throwable cause = FutureFailure.cause(failure);
        boolean contradiction = cause instanceof CorruptObjectException
                || cause instanceof IllegalArgumentException
                || (cause instanceof LogException known && known.kind() == Kind.CORRUPT);
        if (contradiction && !turn.stopped) {
            LOG.error(
                    "the stored bytes of {} contradict each other: no more segments of it are written",
                    turn.partition.place(),
                    cause);
            listener.damaged(turn.partition.place(), cause);
        }
        if (turn.inheritance != null) {
            schedule.remove(turn);
            turn.inheritance.completeExceptionally(asLogException(turn, cause, contradiction));
            return;
        }
        turn.stopped |= contradiction || turn.partition.closed() != null;
        if (!turn.stopped) {
            Duration delay = schedule.retry(turn);
            LOG.warn(
                    "a segment of {} could not be written, trying again in {} ms",
                    turn.partition.place(),
                    delay.toMillis(),
                    cause);
        }
    }

    private static LogException asLogException(SegmentTurn turn, Throwable cause, boolean contradiction) {
        if (cause instanceof LogException known) {
            return known;
        }
        return new LogException(
                contradiction ? Kind.CORRUPT : Kind.STORAGE_UNAVAILABLE,
                "the chunks that " + turn.partition.place() + " inherits could not be made segments",
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
