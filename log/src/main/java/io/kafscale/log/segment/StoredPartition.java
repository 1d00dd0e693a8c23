package io.kafscale.log.segment;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the stores hold of one partition: its record, the durable chunks that wait in the WAL, the segments below them. It exists
 * before this broker leads the partition (while its predecessor's chunks are gathered, see {@link #inherit}) and goes on to carry
 * the durable half of a {@link io.kafscale.log.partition.PartitionLog}.
 *
 * <p>Changes of the record are made one at a time, each compared with the revision read last, and count only once the store has
 * confirmed them. Belongs to the log loop; futures complete on it.
 */
public final class StoredPartition {
    private record Move(UnaryOperator<PartitionRecord> change, CompletableFuture<PartitionRecord> done) {}

    private final PartitionPlace place;
    private final PartitionStores stores;
    private final WaitingChunks waiting;
    private final SegmentCatalog catalog;
    private final Deque<Move> moves = new ArrayDeque<>();
    private Versioned<PartitionRecord> record;
    private TopicSettings settings;
    private ChunkMemory memory = ChunkMemory.NONE;
    private long durableEnd;
    private Consumer<LogException> onLost = cause -> {};
    private @Nullable Versioned<PartitionRecord> observed;
    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
    private boolean moving;
    private boolean answering;
    private boolean tombstoned;
    private @Nullable LogException closed;

    /** The partition as its record says, with nothing known of the object store. */
    public StoredPartition(
            PartitionPlace place, Versioned<PartitionRecord> record, TopicSettings settings, PartitionStores stores) {
        this.place = place;
        this.record = record;
        this.settings = settings;
        this.stores = stores;
        this.waiting = new WaitingChunks(stores.directory());
        this.catalog = new SegmentCatalog(stores.objects(), stores.layout(), place, stores.loop());
        this.durableEnd = record.value().coveredOffset();
        if (record.value().segmentEndOffset() == 0) {
            catalog.startEmpty();
        }
    }

    /** Takes over the chunks of earlier leaders, found in the streams that the record's tenures name. */
    public void inherit(InheritedChunks chunks) {
        if (!waiting.isEmpty()) {
            throw new IllegalStateException("chunks of " + place + " were inherited before");
        }
        long now = stores.loop().time().nanoTime();
        chunks.refs().forEach(ref -> waiting.add(WaitingChunk.of(ref, now)));
        durableEnd = chunks.endOffset();
    }

    /**
     * The record after this broker became the leader; its open tenure starts where the inherited chunks end. From here on this
     * answers for the partition's chunks in the broker's own stream.
     */
    public void lead(Versioned<PartitionRecord> taken) {
        long start = taken.value().openTenure().orElseThrow().startOffset();
        if (moving || start != durableEnd) {
            throw new IllegalStateException(place + " cannot be led from " + start + ": durable up to " + durableEnd);
        }
        record = taken;
        answering = true;
    }

    /**
     * Answers from now on for the chunks in the broker's own stream for which {@code former} did: the same partition, led and handed
     * over by the same session earlier.
     */
    public void succeed(StoredPartition former) {
        for (WaitingChunk chunk : former.waiting.removeBelow(Long.MAX_VALUE)) {
            if (waiting.indexOf(chunk.baseOffset()) < 0) {
                report(chunk);
            }
        }
    }

    /** A chunk of this broker's own stream has become durable. */
    public void committed(WaitingChunk chunk) {
        if (tombstoned) {
            stores.coverage().covered(chunk.stream(), chunk.sequence());
            return;
        }
        if (chunk.baseOffset() != durableEnd) {
            throw new IllegalStateException(
                    "a chunk of " + place + " at " + chunk.baseOffset() + " does not follow " + durableEnd);
        }
        answering = true;
        waiting.add(chunk);
        durableEnd = chunk.lastOffset() + 1;
        cover();
    }

    /** Segments now hold everything below {@code offset}. */
    public CompletableFuture<PartitionRecord> advanceSegmentEnd(long offset) {
        return move(now -> offset <= now.segmentEndOffset() ? now : now.advanceSegmentEnd(offset));
    }

    /** Nothing below {@code offset} is to be readable any more. */
    public CompletableFuture<PartitionRecord> advanceLogStart(long offset) {
        return move(now -> offset <= now.logStartOffset() ? now : now.advanceLogStart(offset));
    }

    private CompletableFuture<PartitionRecord> move(UnaryOperator<PartitionRecord> change) {
        var done = new CompletableFuture<PartitionRecord>();
        moves.add(new Move(change, done));
        nextMove();
        return done;
    }

    private void nextMove() {
        if (moving || moves.isEmpty()) {
            return;
        }
        Move move = moves.element();
        if (closed != null) {
            finish(move, closed);
            return;
        }
        PartitionRecord next = move.change().apply(record.value());
        if (next.equals(record.value())) {
            finish(move, null);
            return;
        }
        moving = true;
        var ended = new CompletableFuture<Void>();
        written = ended;
        LoopFutures.hop(stores.records().write(record, next), stores.loop()).whenComplete((outcome, failure) -> {
            moving = false;
            if (failure != null) {
                finish(move, new LogException(Kind.STORAGE_UNAVAILABLE, "the record of " + place, failure));
            } else {
                settle(move, outcome);
            }
            if (observed != null) {
                observe(observed);
            }
            ended.complete(null);
        });
    }

    private void settle(Move move, PartitionOutcome outcome) {
        switch (outcome) {
            case PartitionOutcome.Applied applied -> {
                record = new Versioned<>(applied.record(), applied.modRevision());
                cover();
                finish(move, null);
            }
            case PartitionOutcome.Conflict(Versioned<PartitionRecord> current)
            when current != null && sameLeadership(current.value()) -> {
                record = current;
                cover();
                nextMove();
            }
            case PartitionOutcome.Conflict conflict ->
                lose(new LogException(Kind.NOT_LEADER, "the record of " + place + " is now " + conflict.current()));
            case PartitionOutcome.GuardFailed guard ->
                lose(new LogException(Kind.NOT_LEADER, "another incarnation has " + guard.key()));
            case PartitionOutcome.TopicChanged changed ->
                finish(move, new LogException(Kind.NOT_LEADER, "the topic of " + place + " has changed"));
            case PartitionOutcome.Failed failed ->
                finish(
                        move,
                        new LogException(
                                Kind.STORAGE_UNAVAILABLE,
                                "the metadata store did not write the record of " + place,
                                failed.cause()));
        }
    }

    private boolean sameLeadership(PartitionRecord current) {
        PartitionRecord known = record.value();
        return current.leaderEpoch() == known.leaderEpoch() && Objects.equals(current.leader(), known.leader());
    }

    private void finish(Move move, @Nullable LogException failure) {
        moves.remove();
        if (failure == null) {
            move.done().complete(record.value());
        } else {
            move.done().completeExceptionally(failure);
        }
        nextMove();
    }

    private void cover() {
        memory.dropBelow(logStart());
        waiting.removeBelow(coveredOffset()).forEach(this::report);
    }

    private void report(WaitingChunk chunk) {
        if (answering) {
            stores.coverage().covered(chunk.stream(), chunk.sequence());
        }
    }

    /**
     * Somebody else wrote the record: it is adopted if it is newer than what is known, and what it covers is reported as covered.
     * This is how the chunks of a partition that was handed over become free when its new leader writes segments.
     */
    public void observe(Versioned<PartitionRecord> newer) {
        if (moving) {
            observed = newer;
        } else if (newer.modRevision() > record.modRevision()) {
            record = newer;
            cover();
        }
    }

    /** Completes when no change of the record is under way, once the partition is {@linkplain #close closed} for good. */
    public CompletableFuture<Void> written() {
        return written;
    }

    /** Everything of the topic was deleted by a tombstone: all its chunks are covered, those that become durable later too. */
    public void tombstone(LogException cause) {
        tombstoned = true;
        close(cause);
        waiting.removeBelow(Long.MAX_VALUE).forEach(this::report);
    }

    /**
     * No more changes of the record; those that wait fail with {@code cause}. Chunks that wait stay in the WAL for the next leader
     * and are covered by {@link #observe}.
     */
    public void close(LogException cause) {
        if (closed == null) {
            closed = cause;
            memory = ChunkMemory.NONE;
            nextMove();
        }
    }

    private void lose(LogException cause) {
        boolean first = closed == null;
        close(cause);
        // The move that brought the news has to end too if the partition was closed while it was under way.
        nextMove();
        if (first) {
            onLost.accept(cause);
        }
    }

    /** Gives the memory of the chunk directory back; the chunks themselves stay in the WAL. The partition is of no use any more. */
    public void discard(LogException cause) {
        close(cause);
        waiting.forget();
    }

    /** Tells {@code listener} if a change of the record shows that somebody else leads the partition. */
    public void whenLost(Consumer<LogException> listener) {
        onLost = listener;
    }

    /** Why nothing is changed any more, or null. */
    public @Nullable LogException closed() {
        return closed;
    }

    /**
     * Why no object of it may be written now, or null: it has been given up, or it is not certain that this broker still leads it. The
     * objects of a deleted topic are removed soon after, and what came behind that would stay.
     */
    @Nullable
    LogException whyNotWritable() {
        if (closed == null && !stores.leadership().isCertain()) {
            return new LogException(
                    Kind.STORAGE_UNAVAILABLE, "the metadata store has not confirmed this broker's registration lately");
        }
        return closed;
    }

    /** The topic's configs changed. */
    public void changeSettings(TopicSettings changed) {
        settings = changed;
    }

    /** Where the segment writer finds chunks in memory. */
    public void useMemory(ChunkMemory chunks) {
        memory = chunks;
    }

    /** Chunks in memory. */
    public ChunkMemory memory() {
        return memory;
    }

    /** The partition. */
    public PartitionId id() {
        return place.id();
    }

    /** Where its objects are. */
    public PartitionPlace place() {
        return place;
    }

    /** Whether what is known of it here still counts. */
    public Leadership leadership() {
        return stores.leadership();
    }

    /** The topic's configs. */
    public TopicSettings settings() {
        return settings;
    }

    /** The record as it was last read or written. */
    public Versioned<PartitionRecord> record() {
        return record;
    }

    /** Durable chunks that no segment covers. */
    public WaitingChunks waiting() {
        return waiting;
    }

    /** Its segments. */
    public SegmentCatalog catalog() {
        return catalog;
    }

    /** The first offset clients may read. */
    public long logStart() {
        return record.value().logStartOffset();
    }

    /** The first offset that is in no segment. */
    public long segmentEnd() {
        return record.value().segmentEndOffset();
    }

    /** The offset below which no WAL chunk is needed. */
    public long coveredOffset() {
        return record.value().coveredOffset();
    }

    /** The offset after the last durable record. */
    public long durableEnd() {
        return durableEnd;
    }
}
