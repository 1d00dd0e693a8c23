package io.kafscale.simulation.invariant;

import io.kafscale.metastore.cluster.PartitionId;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What the clients of a history know of one partition, all of them together. Confined to the simulation's one thread. */
public final class PartitionFacts {
    /** A batch whose place is known. */
    public static final class Placed {
        final long baseOffset;
        final long lastOffset;
        final int producer;
        final long firstNumber;
        final int sizeInBytes;
        final long maxTimestampMs;
        boolean acknowledged;
        Optional<ReadBatch> read = Optional.empty();

        Placed(long baseOffset, long lastOffset, int producer, long firstNumber, int sizeInBytes, long maxTimestampMs) {
            this.baseOffset = baseOffset;
            this.lastOffset = lastOffset;
            this.producer = producer;
            this.firstNumber = firstNumber;
            this.sizeInBytes = sizeInBytes;
            this.maxTimestampMs = maxTimestampMs;
        }

        boolean isSameAs(ReadBatch batch) {
            return baseOffset == batch.baseOffset()
                    && lastOffset == batch.lastOffset()
                    && producer == batch.producer()
                    && firstNumber == batch.firstNumber()
                    && read.map(before -> before.equals(batch)).orElse(true);
        }

        @Override
        public String toString() {
            return "offsets " + baseOffset + ".." + lastOffset + " (records " + firstNumber + ".. of producer "
                    + producer + (acknowledged ? ", acknowledged)" : ")");
        }
    }

    private final TopicFacts topic;
    private final PartitionId id;
    private final TreeMap<Long, Placed> placed = new TreeMap<>();
    private final Map<String, Long> highWatermarks = new HashMap<>();
    private long highWatermark;
    private long logStart;
    private long logStartRequested;
    private int openRequests;
    private long sentBytes;
    private long placedBytes;

    PartitionFacts(TopicFacts topic, PartitionId id) {
        this.topic = topic;
        this.id = id;
    }

    /** Its topic. */
    public TopicFacts topic() {
        return topic;
    }

    /** The partition. */
    public PartitionId id() {
        return id;
    }

    /** Batches whose place is known, by base offset. */
    public NavigableMap<Long, Placed> placed() {
        return placed;
    }

    /** The known batch that holds {@code offset}. */
    Optional<Placed> at(long offset) {
        return Optional.ofNullable(placed.floorEntry(offset))
                .map(Map.Entry::getValue)
                .filter(batch -> batch.lastOffset >= offset);
    }

    /** The first known batch that shares an offset with a range and is not this very batch. */
    Optional<Placed> overlapping(long baseOffset, long lastOffset) {
        return Optional.ofNullable(placed.floorEntry(lastOffset))
                .map(Map.Entry::getValue)
                .filter(batch -> batch.lastOffset >= baseOffset);
    }

    /** The largest high watermark anybody was told. */
    public long highWatermark() {
        return highWatermark;
    }

    /** The largest high watermark this process told anybody. */
    long highWatermarkOf(String process) {
        return highWatermarks.getOrDefault(process, 0L);
    }

    /** The largest log start anybody was told. */
    public long logStart() {
        return logStart;
    }

    /** The largest log start anybody has asked for. */
    public long logStartRequested() {
        return openRequests > 0 ? Long.MAX_VALUE : logStartRequested;
    }

    /** Bytes of batches that were sent and may be in the log, at places that nobody knows. */
    long unplacedBytes() {
        return sentBytes - placedBytes;
    }

    void sent(SentBatch batch) {
        sentBytes += batch.sizeInBytes();
    }

    /** Without idempotence it may be in the log as often as it was sent. */
    void sentAgain(SentBatch batch) {
        if (!batch.idempotent()) {
            sent(batch);
        }
    }

    /** Somebody asks for a log start. */
    public void requestLogStart(long offset) {
        logStartRequested = Math.max(logStartRequested, offset);
    }

    /** Somebody asks for the log to start at the high watermark, wherever that is by then. */
    public void requestEmptyLog() {
        openRequests++;
    }

    /** A request for an empty log was answered: this is where the log starts. */
    public void emptiedUpTo(long offset) {
        openRequests--;
        requestLogStart(offset);
    }

    void sawHighWatermark(String process, long offset) {
        highWatermark = Math.max(highWatermark, offset);
        highWatermarks.merge(process, offset, Math::max);
    }

    void sawLogStart(long offset) {
        logStart = Math.max(logStart, offset);
    }

    void acknowledged(SentBatch batch, long baseOffset) {
        var known = placed.computeIfAbsent(
                baseOffset,
                offset -> place(new Placed(
                        offset,
                        offset + batch.count() - 1,
                        batch.producer(),
                        batch.firstNumber(),
                        batch.sizeInBytes(),
                        batch.maxTimestampMs())));
        known.acknowledged = true;
    }

    void read(ReadBatch batch) {
        placed.computeIfAbsent(
                                batch.baseOffset(),
                                offset -> place(new Placed(
                                        offset,
                                        batch.lastOffset(),
                                        batch.producer(),
                                        batch.firstNumber(),
                                        batch.sizeInBytes(),
                                        batch.maxTimestampMs())))
                        .read =
                Optional.of(batch);
    }

    private Placed place(Placed batch) {
        placedBytes += batch.sizeInBytes;
        return batch;
    }
}
