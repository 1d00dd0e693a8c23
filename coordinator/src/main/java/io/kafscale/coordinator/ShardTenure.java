package io.kafscale.coordinator;

import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.ByteBudget;
import io.kafscale.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * The writes of one loaded shard under one ownership. Batches are stored in the order they arrive, each whole; one transaction is
 * under way at a time, and whole batches that wait are merged into the next, the newest write of a key winning. A batch beyond one
 * transaction is stored as one {@link WriteAhead} value first and counts from then on; then its records are spread over their keys,
 * and the value goes with the last of them. Nothing else is written in between, so whoever finds the value knows that nothing is
 * newer.
 *
 * <p>{@link #append} is called by one thread at a time (the runtime's, under its lock of the shard), {@link #listen} by any;
 * everything else belongs to the loop.
 */
final class ShardTenure {
    private final Ownership ownership;
    private final ShardFence fence;
    private final EventLoop loop;
    private final ByteBudget budget;

    private long nextOffset;
    private volatile boolean accepting = true;
    private volatile LongConsumer onStored = endOffset -> {};
    private final Queue<CoordinatorBatch> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean turnQueued = new AtomicBoolean();

    private final Deque<CoordinatorBatch> waiting = new ArrayDeque<>();
    private List<CoordinatorBatch> sent = List.of();
    private final Deque<Spread> spreads = new ArrayDeque<>();
    private long storedEnd;
    private @Nullable Runnable onDrained;
    private boolean closed;

    /** A write-ahead value on its way to the records' own keys. */
    private record Spread(String writeAheadKey, Deque<RecordWrite> remaining) {
        static Spread of(WriteAhead ahead) {
            return new Spread(ahead.key(), new ArrayDeque<>(ahead.writes().all()));
        }
    }

    /** Told, on the loop, that a tenure can write no more. */
    interface LossListener {
        void lost(int shard, ShardTenure tenure, ShardLostException why);
    }

    /**
     * A tenure that starts where the shard was loaded.
     *
     * @param budget what the waiting batches of all shards are charged to
     */
    ShardTenure(Ownership ownership, ShardSnapshot loaded, StoreAccess access, ByteBudget budget, LossListener onLost) {
        this.ownership = ownership;
        this.loop = access.loop();
        this.budget = budget;
        fence = new ShardFence(
                ownership, loaded.endRevision(), access, why -> onLost.lost(ownership.shard(), this, why));
        nextOffset = loaded.endOffset();
        storedEnd = loaded.endOffset();
        loaded.leftovers().forEach(ahead -> spreads.add(Spread.of(ahead)));
    }

    Ownership ownership() {
        return ownership;
    }

    /**
     * Takes a batch to be stored; does not block and keeps no reference to the buffer.
     *
     * @return the offset after its last record
     * @throws NotLeaderOrFollowerException if the shard is being given up or is lost
     * @throws NotEnoughReplicasException if too much waits for the store already: the client may try again
     * @throws org.apache.kafka.common.errors.RecordTooLargeException if it can never be stored
     */
    long append(MemoryRecords records) {
        if (!accepting) {
            throw new NotLeaderOrFollowerException("group shard " + ownership.shard() + " is not owned any more");
        }
        CoordinatorBatch batch = CoordinatorBatch.of(records, ownership.keys(), nextOffset);
        if (!budget.tryReserve(batch.sizeInBytes())) {
            throw new NotEnoughReplicasException("too many group writes wait for the metadata store");
        }
        nextOffset = batch.endOffset();
        arrived.add(batch);
        queueTurn();
        return nextOffset;
    }

    /** Sets who is told, on the loop, up to which offset everything is stored. */
    void listen(LongConsumer listener) {
        onStored = listener;
    }

    /** Starts with what an earlier owner left to be spread. */
    void start() {
        queueTurn();
    }

    /** Takes no batches any more and runs {@code then} once everything taken is stored. */
    void drain(Runnable then) {
        accepting = false;
        onDrained = then;
        queueTurn();
    }

    /** Ends it: nothing more is taken, sent or reported. */
    void close() {
        accepting = false;
        closed = true;
        onDrained = null;
        onStored = endOffset -> {};
        fence.close();
        queueTurn();
    }

    private void queueTurn() {
        if (turnQueued.compareAndSet(false, true)) {
            loop.execute(this::turn);
        }
    }

    private void turn() {
        turnQueued.set(false);
        for (CoordinatorBatch batch = arrived.poll(); batch != null; batch = arrived.poll()) {
            waiting.add(batch);
        }
        if (closed) {
            release(sent);
            sent = List.of();
            release(waiting);
            waiting.clear();
        } else if (!fence.busy()) {
            sendNext();
        }
    }

    private void sendNext() {
        if (!spreads.isEmpty()) {
            spread(spreads.getFirst());
        } else if (!waiting.isEmpty()) {
            storeWaiting();
        } else if (onDrained != null) {
            Runnable then = onDrained;
            onDrained = null;
            then.run();
        }
    }

    private void storeWaiting() {
        var writes = new MergedWrites();
        List<CoordinatorBatch> batches = writes.takeWhileFitting(waiting, StoreLimits::transaction);
        if (!batches.isEmpty()) {
            store(writes.toStore(), batches, () -> {});
            return;
        }
        batches = writes.takeWhileFitting(waiting, StoreLimits::writeAhead);
        var ahead =
                new WriteAhead(ownership.keys().writeAhead(batches.getFirst().baseOffset()), writes);
        var put = new Transaction.Write.Put(ahead.key(), ahead.encode(ownership.keys()), 0);
        store(List.of(put), batches, () -> spreads.add(Spread.of(ahead)));
    }

    private void store(List<Transaction.Write> writes, List<CoordinatorBatch> batches, Runnable onDone) {
        long endOffset = batches.getLast().endOffset();
        sent = batches;
        fence.store(writes, endOffset, () -> {
            storedEnd = endOffset;
            sent = List.of();
            release(batches);
            onDone.run();
            queueTurn();
            onStored.accept(endOffset);
        });
    }

    private void spread(Spread spread) {
        List<Transaction.Write> writes = new ArrayList<>();
        long bytes = 0;
        for (RecordWrite next = spread.remaining.peek(); next != null; next = spread.remaining.peek()) {
            bytes += next.sizeInBytes();
            if (!StoreLimits.transaction(writes.size() + 1, bytes)) {
                break;
            }
            writes.add(spread.remaining.remove().toStore());
        }
        if (spread.remaining.isEmpty()) {
            spreads.removeFirst();
            writes.add(new Transaction.Write.Delete(spread.writeAheadKey));
        }
        fence.store(writes, storedEnd, this::queueTurn);
    }

    private void release(Collection<CoordinatorBatch> batches) {
        budget.release(batches.stream().mapToLong(CoordinatorBatch::sizeInBytes).sum());
    }
}
