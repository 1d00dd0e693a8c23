package io.kafscale.log.partition;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateBuilder;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.format.wal.ChunkKey;
import io.kafscale.log.ActiveProducer;
import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.segment.InheritedChunks;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.log.segment.WaitingChunk;
import io.kafscale.log.wal.ChunkOwner;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A partition that this broker leads, under one leader epoch. Leading it again later is another object: nothing is carried over
 * but what the stores hold. Belongs to the log loop; futures complete on it and fail with {@link LogException}.
 */
public final class PartitionLog implements ChunkOwner {
    /** Array header, buffers, the entries of tail and WAL object, and who waits for it: of a tiny append most of what it costs. */
    private static final long APPEND_OVERHEAD_BYTES = 512;

    private final StoredPartition stored;
    private final PartitionServices services;
    private final ChunkKey target;
    private final ProducerStates producers;
    private final ProducerLoad producerLoad;
    private final EpochStarts epochs;
    private final Tail tail;
    private final DurableWaiters waiters;
    private final Set<HighWatermarkWatcher> watchers = new LinkedHashSet<>();
    private long logEnd;
    private @Nullable LogException closed;
    private @Nullable CompletableFuture<Long> drained;

    private PartitionLog(StoredPartition stored, InheritedChunks inherited, PartitionServices services) {
        this.stored = stored;
        this.services = services;
        this.target = new ChunkKey(
                stored.id().topicId(),
                stored.place().topic(),
                stored.id().partition(),
                stored.record().value().leaderEpoch());
        this.producers = new ProducerStates(services.producerExpiration());
        this.producerLoad = new ProducerLoad(stored, services, producers);
        this.epochs = new EpochStarts(stored.record().value().tenures());
        this.tail = new Tail(services.tails());
        this.waiters = new DurableWaiters(services.deadlines());
        this.logEnd = stored.durableEnd();
        var replayed = new ProducerStateBuilder(ProducerStateSnapshot.UNKNOWN);
        inherited.refs().forEach(ref -> ref.chunk().batches().forEach(batch -> batch.replayInto(replayed)));
        producers.replay(replayed, services.loop().time().wallClockMs());
        stored.useMemory(tail);
        stored.whenLost(cause -> {
            close(cause);
            services.listener().lost(this, cause);
        });
    }

    /**
     * Opens a partition whose record says that this incarnation leads it.
     *
     * @param stored after {@link StoredPartition#inherit} and {@link StoredPartition#lead}
     * @param inherited what it inherited; nothing for a partition that nobody led before
     */
    public static PartitionLog open(StoredPartition stored, InheritedChunks inherited, PartitionServices services) {
        if (stored.record().value().leader() == null || stored.durableEnd() != inherited.endOffset()) {
            throw new IllegalStateException(stored.place() + " is not ready to be led: durable up to "
                    + stored.durableEnd() + ", inherited up to " + inherited.endOffset());
        }
        return new PartitionLog(stored, inherited, services);
    }

    /**
     * Bytes that an append of these batches keeps in memory: their backing array, or their own size where they are so small a part
     * of it that they are copied out; and what is kept beside them until they are durable. Whoever admits an append reserves this much.
     */
    public static long footprint(ByteBuffer batches) {
        return APPEND_OVERHEAD_BYTES + (isCopied(batches) ? batches.remaining() : backing(batches));
    }

    private static boolean isCopied(ByteBuffer batches) {
        return batches.remaining() < backing(batches) / 2;
    }

    @SuppressWarnings("ByteBufferBackingArray") // the size of the array is asked for, not its content
    private static int backing(ByteBuffer batches) {
        return batches.hasArray() ? batches.array().length : batches.capacity();
    }

    /**
     * Appends batches, all or none.
     *
     * @param reserved what was reserved for it, its {@link #footprint}; given back if it does not come to the WAL
     */
    public CompletableFuture<AppendResult> append(AppendRequest request, long reserved) {
        LogException refused = refusal(request);
        if (refused != null) {
            services.wal().release(reserved);
            return CompletableFuture.failedFuture(refused);
        }
        try {
            return decide(request, reserved);
        } catch (CorruptObjectException malformed) {
            // Thrown while the batches are looked at, before anything has been changed.
            services.wal().release(reserved);
            return CompletableFuture.failedFuture(
                    new LogException(Kind.CORRUPT, "not record batches: " + malformed.getMessage(), malformed));
        }
    }

    private CompletableFuture<AppendResult> decide(AppendRequest request, long reserved) {
        var batches = RecordBatches.of(request.batches(), "append to " + stored.place());
        if (producerLoad.mustWait(batches)) {
            return producerLoad.enqueue(
                    request.deadlineNanos(),
                    () -> append(request, reserved),
                    () -> services.wal().release(reserved));
        }
        return switch (verdict(batches)) {
            case ProducerStates.Verdict.Accepted accepted -> accept(request, reserved);
            case ProducerStates.Verdict.Duplicate duplicate -> {
                services.wal().release(reserved);
                yield answerDuplicate(duplicate.original(), request.deadlineNanos());
            }
            case ProducerStates.Verdict.Refused no -> {
                services.wal().release(reserved);
                yield refuse(no.cause(), request.deadlineNanos());
            }
        };
    }

    private ProducerStates.Verdict verdict(Iterable<RecordBatchView> batches) {
        ProducerStates.Verdict verdict = producers.check(batches);
        if (verdict instanceof ProducerStates.Verdict.Accepted) {
            for (RecordBatchView batch : batches) {
                if (batch.hasProducerId()
                        && !knowsProducer(batch.producerId())
                        && services.awaited().isEarly(id(), batch)) {
                    return new ProducerStates.Verdict.Refused(new LogException(
                            Kind.NOT_LEADER, // which every client takes for a reason to send it again
                            "producer " + batch.producerId() + " sent sequence " + batch.baseSequence()
                                    + " before one that was refused and comes first"));
                }
            }
        }
        return verdict;
    }

    /** Whether anything of a producer is known here; what older segments know of it counts once that has been read. */
    public boolean knowsProducer(long producerId) {
        return producers.knows(producerId);
    }

    /**
     * Producers take it for final that their records do not follow: a leader that was replaced without knowing has not seen those
     * before them, and must not say so.
     */
    private CompletableFuture<AppendResult> refuse(LogException cause, long deadlineNanos) {
        if (stored.leadership().isCertain()) {
            return CompletableFuture.failedFuture(cause);
        }
        var answer = new CompletableFuture<AppendResult>();
        var deadline = services.deadlines()
                .at(
                        deadlineNanos,
                        () -> answer.completeExceptionally(new LogException(
                                Kind.TIMED_OUT, "whether this broker still leads was not found out in time", cause)));
        stored.leadership().ascertain().whenComplete((nothing, doubt) -> {
            deadline.cancel();
            Throwable otherwise = doubt == null ? cause : FutureFailure.cause(doubt);
            answer.completeExceptionally(closed != null ? closed : otherwise);
        });
        return answer;
    }

    private @Nullable LogException refusal(AppendRequest request) {
        if (closed != null) {
            return closed;
        }
        if (drained != null) {
            return new LogException(Kind.NOT_LEADER, stored.place() + " is being handed over");
        }
        // Not whether its deadline has passed: as in Kafka that is about the answer, and with a timeout of 0 it always
        // has.
        return epochProblem(request.currentLeaderEpoch());
    }

    /** What is wrong with the leader epoch a client believes in, if anything is. */
    public @Nullable LogException epochProblem(OptionalInt currentLeaderEpoch) {
        if (currentLeaderEpoch.isEmpty() || currentLeaderEpoch.getAsInt() == leaderEpoch()) {
            return null;
        }
        int theirs = currentLeaderEpoch.getAsInt();
        return new LogException(
                theirs < leaderEpoch() ? Kind.FENCED_LEADER_EPOCH : Kind.UNKNOWN_LEADER_EPOCH,
                stored.place() + " is led in epoch " + leaderEpoch() + ", not " + theirs);
    }

    private CompletableFuture<AppendResult> accept(AppendRequest request, long reserved) {
        ByteBuffer kept = own(request.batches());
        var batches = RecordBatches.of(kept, "append to " + stored.place());
        long nextOffset = logEnd;
        long maxTimestampMs = -1;
        for (RecordBatchView batch : batches) {
            batch.setBaseOffset(nextOffset);
            batch.setPartitionLeaderEpoch(leaderEpoch());
            maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestamp());
            nextOffset = batch.lastOffset() + 1;
        }
        try {
            services.wal().append(this, List.of(kept), reserved);
        } catch (RuntimeException refused) {
            services.wal().release(reserved);
            return CompletableFuture.failedFuture(
                    refused instanceof LogException known
                            ? known
                            : new LogException(Kind.TOO_LARGE, "the WAL refuses the records", refused));
        }
        long nowMs = services.loop().time().wallClockMs();
        for (RecordBatchView batch : batches) {
            producers.append(batch, nowMs);
            services.awaited().taken(id(), batch);
        }
        tail.append(kept, nextOffset - 1, reserved);
        var result = new AppendResult(logEnd, nextOffset - 1, logStart(), maxTimestampMs, false);
        logEnd = nextOffset;
        return request.acknowledge() == Acknowledge.ASSIGNED
                ? CompletableFuture.completedFuture(result)
                : waiters.add(result, request.deadlineNanos());
    }

    private static ByteBuffer own(ByteBuffer batches) {
        return isCopied(batches)
                ? ByteBuffer.allocate(batches.remaining())
                        .put(batches.duplicate())
                        .flip()
                : batches.slice();
    }

    /** The answer of the original, and never before the original is durable. */
    private CompletableFuture<AppendResult> answerDuplicate(BatchEntry original, long deadlineNanos) {
        var result = new AppendResult(
                original.baseOffset(), original.lastOffset(), logStart(), original.maxTimestampMs(), true);
        return original.lastOffset() < highWatermark()
                ? CompletableFuture.completedFuture(result)
                : waiters.add(result, deadlineNanos);
    }

    @Override
    public ChunkKey target() {
        return target;
    }

    @Override
    public void committed(ChunkRef ref) {
        var chunk = WaitingChunk.of(ref, services.loop().time().nanoTime());
        stored.committed(chunk);
        if (closed != null) {
            return;
        }
        tail.commit(chunk.baseOffset(), chunk.lastOffset());
        waiters.advance(highWatermark(), logStart());
        services.listener().committed(this);
        watchers.forEach(watcher -> watcher.advanced(this, chunk.length()));
        if (drained != null && highWatermark() == logEnd) {
            drained.complete(logEnd);
        }
    }

    /**
     * Refuses further appends and completes with the final offset once everything appended is durable: the first half of handing
     * the partition over.
     */
    public CompletableFuture<Long> drain() {
        if (drained == null) {
            drained = new CompletableFuture<>();
            if (closed != null) {
                drained.completeExceptionally(closed);
            } else if (highWatermark() == logEnd) {
                drained.complete(logEnd);
            }
        }
        return drained;
    }

    /** Whether further appends are refused because it is being handed over. */
    public boolean isDraining() {
        return drained != null;
    }

    /**
     * Gives the partition up: everything that waits fails with {@code cause}, nothing is appended or acknowledged any more, and its
     * memory is given back. Records that were appended and not acknowledged may or may not be in the log.
     */
    public void close(LogException cause) {
        if (closed != null) {
            return;
        }
        closed = cause;
        stored.close(cause);
        producerLoad.close(cause);
        waiters.failAll(cause);
        tail.close();
        if (drained != null) {
            drained.completeExceptionally(cause);
        }
        var watching = new ArrayList<>(watchers);
        watchers.clear();
        watching.forEach(watcher -> watcher.closed(this));
    }

    /** Tells {@code watcher} of each move of the high watermark from now on. */
    public void watch(HighWatermarkWatcher watcher) {
        watchers.add(watcher);
    }

    /** Tells it no longer. */
    public void unwatch(HighWatermarkWatcher watcher) {
        watchers.remove(watcher);
    }

    /** The idempotent producers, those of older segments included. */
    public CompletableFuture<List<ActiveProducer>> producers() {
        return producerLoad
                .loaded()
                .thenApply(nothing -> producers.active(services.loop().time().wallClockMs()));
    }

    /** Why it is not led any more, or null while it is. */
    public @Nullable LogException closed() {
        return closed;
    }

    /** The partition. */
    public PartitionId id() {
        return stored.id();
    }

    /** What the stores hold of it. */
    public StoredPartition stored() {
        return stored;
    }

    /** Its newest records in memory. */
    public Tail tail() {
        return tail;
    }

    /** Where its newest leader epochs began. */
    public EpochStarts epochs() {
        return epochs;
    }

    /** The epoch in which this broker leads it. */
    public int leaderEpoch() {
        return target.leaderEpoch();
    }

    /** The first offset clients may read. */
    public long logStart() {
        return stored.logStart();
    }

    /** The offset after the last durable record: what clients see. */
    public long highWatermark() {
        return stored.durableEnd();
    }

    /** The next offset to be assigned. */
    public long logEnd() {
        return logEnd;
    }

    /** Appends that wait to become durable. */
    public int waitingAppends() {
        return waiters.size();
    }
}
