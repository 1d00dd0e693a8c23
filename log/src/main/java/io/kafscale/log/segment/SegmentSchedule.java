package io.kafscale.log.segment;

import io.kafscale.log.internal.Deadlines;
import io.kafscale.metastore.cluster.PartitionId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When which partition's waiting chunks become a segment: by size, by age, by tenures, and early where the directory of all waiting
 * chunks outgrows its budget. Nothing is polled: a partition that waits for its age has a timer, one with nothing waiting has none.
 * Belongs to the log loop.
 */
final class SegmentSchedule {
    /** A partition may come early by this fraction of its age limit. */
    private static final int EARLY_SHARE = 8;

    private static final long RELIEF_PAUSE_NANOS = 1_000_000_000L;

    private static final Comparator<SegmentTurn> BY_PARTITION = Comparator.<SegmentTurn>comparingLong(
                    turn -> turn.partition.id().topicId().getMostSignificantBits())
            .thenComparingLong(turn -> turn.partition.id().topicId().getLeastSignificantBits())
            .thenComparingInt(turn -> turn.partition.id().partition());

    private final PartitionStores stores;
    private final SegmentSettings settings;
    private final Deadlines deadlines;
    private final RandomGenerator random;
    private final Runnable wake;
    private final Map<PartitionId, SegmentTurn> turns = new HashMap<>();
    private final Deque<SegmentTurn> ready = new ArrayDeque<>();
    private long relievedNanos;

    /**
     * An empty schedule.
     *
     * @param wake runs in a later turn of the loop whenever something has become ready
     */
    SegmentSchedule(
            PartitionStores stores,
            SegmentSettings settings,
            Deadlines deadlines,
            RandomGenerator random,
            Runnable wake) {
        this.stores = stores;
        this.settings = settings;
        this.deadlines = deadlines;
        this.random = random;
        this.wake = wake;
        this.relievedNanos = now() - RELIEF_PAUSE_NANOS;
    }

    private long now() {
        return stores.loop().time().nanoTime();
    }

    SegmentTurn add(StoredPartition partition, @Nullable CompletableFuture<Void> inheritance) {
        var turn = new SegmentTurn(partition, inheritance);
        if (turns.putIfAbsent(partition.id(), turn) != null) {
            throw new IllegalStateException(partition.place() + " is tracked already");
        }
        return turn;
    }

    @Nullable
    SegmentTurn find(PartitionId partition) {
        return turns.get(partition);
    }

    void remove(SegmentTurn turn) {
        turns.remove(turn.partition.id(), turn);
        turn.stopped = true;
        turn.cancelTimer();
    }

    List<SegmentTurn> removeAll() {
        var all = new ArrayList<>(turns.values());
        all.sort(BY_PARTITION);
        all.forEach(this::remove);
        ready.clear();
        return all;
    }

    /** The next partition to be worked on, or null; it stays busy until {@link #done} or {@link #retry}. */
    @Nullable
    SegmentTurn peekReady() {
        while (!ready.isEmpty() && ready.element().stopped) {
            ready.remove();
        }
        return ready.peek();
    }

    void takeReady() {
        ready.remove();
    }

    /** It goes before all others. */
    void makeReadyFirst(SegmentTurn turn) {
        turn.busy = true;
        ready.addFirst(turn);
        wake.run();
    }

    private void makeReady(SegmentTurn turn) {
        turn.cancelTimer();
        if (!turn.stopped && !turn.busy) {
            turn.busy = true;
            ready.addLast(turn);
        }
    }

    private void becomesDue(SegmentTurn turn) {
        makeReady(turn);
        wake.run();
    }

    /** A round of it has ended well. */
    void done(SegmentTurn turn) {
        turn.busy = false;
        turn.failures = 0;
        plan(turn);
    }

    /**
     * A round of it has failed: it is ready again after a while.
     *
     * @return after how long
     */
    Duration retry(SegmentTurn turn) {
        Duration delay = settings.backoff().delay(turn.failures++, random);
        turn.busy = false;
        turn.cancelTimer();
        turn.timer = deadlines.at(now() + delay.toNanos(), () -> becomesDue(turn));
        return delay;
    }

    /** Something has changed that may make it due. */
    void plan(SegmentTurn turn) {
        if (turn.stopped || turn.busy || turn.failures > 0) {
            return;
        }
        StoredPartition partition = turn.partition;
        if (partition.waiting().isEmpty()) {
            turn.cancelTimer();
            return;
        }
        if (isUrgent(partition)) {
            becomesDue(turn);
            return;
        }
        long due = partition.waiting().first().sinceNanos()
                + partition.settings().segmentAge().toNanos();
        if (turn.timer == null || turn.dueNanos != due) {
            turn.cancelTimer();
            turn.dueNanos = due;
            turn.timer = deadlines.at(due, () -> becomesDue(turn));
        }
    }

    private boolean isUrgent(StoredPartition partition) {
        return partition.waiting().bytes() >= partition.settings().segmentBytes()
                || partition.record().value().tenures().size() >= settings.mostTenures();
    }

    /** Partitions that will be due soon join a round that is about to start: they are likely to need the same objects. */
    void inviteEarly() {
        long now = now();
        var early = new ArrayList<SegmentTurn>();
        for (SegmentTurn turn : turns.values()) {
            long leadNanos = turn.partition.settings().segmentAge().toNanos() / EARLY_SHARE;
            if (turn.timer != null && turn.failures == 0 && turn.dueNanos - now <= leadNanos) {
                early.add(turn);
            }
        }
        early.sort(Comparator.<SegmentTurn>comparingLong(turn -> turn.dueNanos).thenComparing(BY_PARTITION));
        early.forEach(this::makeReady);
    }

    /**
     * Many small chunks may fill the directory long before any partition is due: those with most chunks go first, as many as it
     * takes to have a quarter of the room again.
     */
    void relieveDirectory() {
        long excess = stores.directory().used() - stores.directory().capacity();
        if (excess <= 0 || !ready.isEmpty() || now() - relievedNanos < RELIEF_PAUSE_NANOS) {
            return;
        }
        relievedNanos = now();
        var most = new ArrayList<SegmentTurn>();
        for (SegmentTurn turn : turns.values()) {
            boolean idle = !turn.stopped && !turn.busy && turn.failures == 0;
            if (idle && !turn.partition.waiting().isEmpty()) {
                most.add(turn);
            }
        }
        most.sort(Comparator.<SegmentTurn>comparingInt(
                        turn -> -turn.partition.waiting().size())
                .thenComparing(BY_PARTITION));
        long toFree = excess + stores.directory().capacity() / 4;
        for (SegmentTurn turn : most) {
            if (toFree <= 0) {
                break;
            }
            toFree -= (long) turn.partition.waiting().size() * WaitingChunk.HEAP_BYTES;
            makeReady(turn);
        }
        wake.run();
    }
}
