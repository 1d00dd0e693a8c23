package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.log.LogException;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.Payload;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Makes one segment of batches: {@code .kfs}, then {@code .index}, then the segment end in the partition's record. Each step is
 * safe to repeat, by this broker or by the next one. Belongs to the log loop; whole segments are encoded, compared and indexed on
 * the executor.
 */
final class SegmentPublisher {
    private final PartitionStores stores;
    private final SegmentIndexes indexes;
    private final ProducerSnapshots producers;
    private final StoreRetries retries;
    private final Executor compute;

    SegmentPublisher(
            PartitionStores stores,
            SegmentIndexes indexes,
            ProducerSnapshots producers,
            StoreRetries retries,
            Executor compute) {
        this.stores = stores;
        this.indexes = indexes;
        this.producers = producers;
        this.retries = retries;
        this.compute = compute;
    }

    /**
     * Publishes the segment of a cut.
     *
     * @param chunkBatches the batches of its chunks
     * @return the segment, once the record has it; fails with a {@link LogException} of kind CORRUPT if a segment is there that
     *     contradicts these batches, of another kind if the partition is lost, and otherwise as the stores do
     */
    CompletableFuture<Segment> publish(SegmentCut cut, List<ByteBuffer> chunkBatches) {
        StoredPartition partition = cut.partition();
        long createdMs = stores.loop().time().wallClockMs();
        return computed(() -> encode(cut, chunkBatches, createdMs))
                .thenCompose(file -> putSegment(partition, file))
                .thenCompose(file -> producersBefore(partition, file)
                        .thenCompose(before -> computed(() -> indexes.build(partition.place(), file, before)))
                        .thenCompose(index -> putIndex(partition, file, index))
                        .thenCompose(index -> conclude(partition, file, index)));
    }

    private static SegmentFile encode(SegmentCut cut, List<ByteBuffer> chunkBatches, long createdMs) {
        List<ByteBuffer> batches = SegmentCut.batchesFrom(cut.startOffset(), chunkBatches);
        ByteBuffer first = batches.getFirst();
        return SegmentFile.encode(batches, first.getLong(first.position()), createdMs);
    }

    /** Writes the file, or finds the one that counts. */
    private CompletableFuture<SegmentFile> putSegment(StoredPartition partition, SegmentFile file) {
        String key = partition.place().segmentKey(stores.layout(), file.header().baseOffset());
        return put(partition, key, file.buffers()).thenCompose(outcome -> switch (outcome) {
            case CREATED -> CompletableFuture.completedFuture(file);
            case ALREADY_EXISTS ->
                retries.run(() -> stores.objects().get(key, SegmentFile.MAX_BYTES))
                        .thenCompose(bytes -> computed(() -> agreed(key, bytes, file)))
                        .thenApply(existing -> checkDurable(partition, key, existing));
        });
    }

    /** The existing file, which counts, if it holds the same records as ours as far as both go. */
    private static SegmentFile agreed(String key, ByteBuffer bytes, SegmentFile ours) {
        SegmentFile existing = SegmentFile.parse(bytes, key);
        long common = Math.min(bodyBytes(existing), bodyBytes(ours));
        if (!startEqually(body(existing), body(ours), common)) {
            throw new CorruptObjectException("segment contradicts the WAL", key, 0)
                    .with("existing", existing.footer())
                    .with("ours", ours.footer());
        }
        return existing;
    }

    private static SegmentFile checkDurable(StoredPartition partition, String key, SegmentFile existing) {
        if (existing.footer().lastOffset() >= partition.durableEnd()) {
            throw new CorruptObjectException("segment holds offsets that were never acknowledged", key, 0)
                    .with("lastOffset", existing.footer().lastOffset())
                    .with("durableEnd", partition.durableEnd());
        }
        return existing;
    }

    private static long bodyBytes(SegmentFile file) {
        return body(file).stream().mapToLong(ByteBuffer::remaining).sum();
    }

    private static List<ByteBuffer> body(SegmentFile file) {
        List<ByteBuffer> whole = file.buffers();
        return whole.subList(1, whole.size() - 1);
    }

    private static boolean startEqually(List<ByteBuffer> one, List<ByteBuffer> other, long length) {
        Deque<ByteBuffer> left = duplicates(one);
        Deque<ByteBuffer> right = duplicates(other);
        long compared = 0;
        while (compared < length) {
            ByteBuffer a = left.element();
            ByteBuffer b = right.element();
            int step = (int) Math.min(length - compared, Math.min(a.remaining(), b.remaining()));
            if (a.slice(a.position(), step).mismatch(b.slice(b.position(), step)) >= 0) {
                return false;
            }
            advance(left, step);
            advance(right, step);
            compared += step;
        }
        return true;
    }

    private static Deque<ByteBuffer> duplicates(List<ByteBuffer> buffers) {
        var copies = new ArrayDeque<ByteBuffer>();
        buffers.stream()
                .filter(ByteBuffer::hasRemaining)
                .map(ByteBuffer::duplicate)
                .forEach(copies::add);
        return copies;
    }

    private static void advance(Deque<ByteBuffer> buffers, int step) {
        ByteBuffer first = buffers.element();
        first.position(first.position() + step);
        if (!first.hasRemaining()) {
            buffers.remove();
        }
    }

    private CompletableFuture<ProducerStateSnapshot> producersBefore(StoredPartition partition, SegmentFile file) {
        long base = file.header().baseOffset();
        if (base > partition.segmentEnd()) {
            return CompletableFuture.completedFuture(ProducerStateSnapshot.EMPTY);
        }
        return producers
                .atSegmentEnd(partition)
                .thenApply(at -> at.nextOffset() == base ? at.producers() : ProducerStateSnapshot.UNKNOWN);
    }

    /** An index that is there already is left alone: readers check whether it is of this file, and rebuild it if not. */
    private CompletableFuture<LoadedIndex> putIndex(StoredPartition partition, SegmentFile file, LoadedIndex index) {
        String key = partition.place().indexKey(stores.layout(), file.header().baseOffset());
        return put(partition, key, List.of(index.index().encode())).thenApply(outcome -> index);
    }

    private CompletableFuture<Segment> conclude(StoredPartition partition, SegmentFile file, LoadedIndex index) {
        if (partition.closed() != null) {
            return CompletableFuture.failedFuture(partition.closed());
        }
        var segment = Segment.listed(
                        file.header().baseOffset(),
                        file.length(),
                        stores.loop().time().wallClockMs())
                .with(index.facts());
        partition.catalog().add(segment);
        indexes.put(partition.place(), segment.baseOffset(), index);
        return partition.advanceSegmentEnd(index.lastOffset() + 1).thenApply(record -> segment);
    }

    /** The same bytes for every attempt, and no attempt when nothing may be written any more. */
    private CompletableFuture<PutOutcome> put(StoredPartition partition, String key, List<ByteBuffer> buffers) {
        var payload = new Payload(buffers, () -> {});
        return retries.run(() -> {
                    LogException refused = partition.whyNotWritable();
                    return refused == null
                            ? stores.objects().putIfAbsent(key, payload)
                            : CompletableFuture.failedFuture(refused);
                })
                .whenComplete((outcome, failure) -> payload.release());
    }

    private <T> CompletableFuture<T> computed(Supplier<T> work) {
        return LoopFutures.hop(CompletableFuture.supplyAsync(work, compute), stores.loop());
    }
}
