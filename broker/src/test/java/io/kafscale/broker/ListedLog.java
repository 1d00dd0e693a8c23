package io.kafscale.broker;

import io.kafscale.log.ActiveProducer;
import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendResult;
import io.kafscale.log.EpochEnd;
import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.LogService;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.PartitionStatus;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.jspecify.annotations.Nullable;

/** A log that keeps batches in lists, all durable at once; it can be told to fail. State is touched on the loop only. */
final class ListedLog implements LogService {
    private record Batch(long baseOffset, long lastOffset, long maxTimestamp, ByteBuffer bytes) {}

    private static final class Partition {
        final List<Batch> batches = new ArrayList<>();
        long start;
        long end;
    }

    private record Parked(FetchQuery query, CompletableFuture<FetchResult> answer) {}

    private final EventLoop loop;
    private final Map<PartitionId, Partition> partitions = new HashMap<>();
    private final Map<UUID, CompletableFuture<Void>> awaited = new HashMap<>();
    private final List<Parked> parked = new ArrayList<>();
    private final Set<UUID> open = new HashSet<>();
    volatile @Nullable Kind failing;
    volatile boolean neverReady;
    volatile boolean fenced;

    ListedLog(EventLoop loop) {
        this.loop = loop;
    }

    /** The partitions of a topic are led from now on. */
    void open(UUID topicId) {
        open.add(topicId);
        awaited.computeIfAbsent(topicId, id -> new CompletableFuture<>()).complete(null);
    }

    /** The partitions of a topic are led by somebody else from now on. */
    void handOver(UUID topicId) {
        loop.execute(() -> open.remove(topicId));
    }

    private <T> CompletableFuture<T> onLoop(Supplier<T> action) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Kind kind = failing;
                    if (kind != null) {
                        throw new LogException(kind, "as told");
                    }
                    return action.get();
                },
                loop);
    }

    private Partition partition(PartitionId id) {
        if (!open.contains(id.topicId())) {
            throw new LogException(Kind.NOT_LEADER, "not led: " + id);
        }
        return partitions.computeIfAbsent(id, key -> new Partition());
    }

    @Override
    public boolean isIncumbent() {
        return !fenced;
    }

    @Override
    public CompletableFuture<AppendResult> append(AppendRequest request) {
        return onLoop(() -> {
            Partition partition = partition(request.partition());
            long first = partition.end;
            long maxTimestamp = -1;
            for (MutableRecordBatch batch :
                    MemoryRecords.readableRecords(request.batches()).batches()) {
                batch.ensureValid();
                long base = partition.end;
                batch.setLastOffset(base + batch.lastOffset() - batch.baseOffset());
                batch.setPartitionLeaderEpoch(0);
                ByteBuffer bytes = ByteBuffer.allocate(batch.sizeInBytes());
                batch.writeTo(bytes);
                partition.end = batch.lastOffset() + 1;
                maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
                partition.batches.add(new Batch(base, batch.lastOffset(), batch.maxTimestamp(), bytes.flip()));
            }
            wake();
            return new AppendResult(first, partition.end - 1, partition.start, maxTimestamp, false);
        });
    }

    private void wake() {
        for (Parked fetch : List.copyOf(parked)) {
            FetchResult result = read(fetch.query());
            if (enough(fetch.query(), result)) {
                parked.remove(fetch);
                fetch.answer().complete(result);
            }
        }
    }

    @Override
    public CompletableFuture<FetchResult> fetch(FetchQuery query) {
        var answer = new CompletableFuture<FetchResult>();
        loop.execute(() -> {
            FetchResult result = read(query);
            long left = query.deadlineNanos() - loop.time().nanoTime();
            if (left <= 0 || enough(query, result)) {
                answer.complete(result);
                return;
            }
            var fetch = new Parked(query, answer);
            parked.add(fetch);
            loop.schedule(Duration.ofNanos(left), () -> {
                if (parked.remove(fetch)) {
                    answer.complete(read(query));
                }
            });
        });
        return answer;
    }

    private static boolean enough(FetchQuery query, FetchResult result) {
        int bytes = 0;
        for (FetchResult.Part part : result.parts()) {
            if (part instanceof FetchResult.Failed) {
                return true;
            }
            bytes += ((FetchResult.Records) part).sizeInBytes();
        }
        return bytes >= query.minBytes();
    }

    private FetchResult read(FetchQuery query) {
        return new FetchResult(query.partitions().stream().map(this::read).toList());
    }

    private FetchResult.Part read(FetchQuery.Part part) {
        Kind kind = failing;
        if (kind != null || !open.contains(part.partition().topicId())) {
            return new FetchResult.Failed(
                    part.partition(), new LogException(kind == null ? Kind.NOT_LEADER : kind, "as told"));
        }
        Partition partition = partition(part.partition());
        if (part.offset() < partition.start || part.offset() > partition.end) {
            return new FetchResult.Failed(
                    part.partition(), new LogException(Kind.OFFSET_OUT_OF_RANGE, "offset " + part.offset()));
        }
        List<ByteBuffer> slices = partition.batches.stream()
                .filter(batch -> batch.lastOffset() >= part.offset())
                .map(batch -> batch.bytes().asReadOnlyBuffer())
                .toList();
        int size = slices.stream().mapToInt(ByteBuffer::remaining).sum();
        Optional<EpochEnd> divergence =
                part.lastFetchedEpoch().isPresent() && part.lastFetchedEpoch().getAsInt() > 0
                        ? Optional.of(new EpochEnd(0, partition.end))
                        : Optional.empty();
        return new FetchResult.Records(part.partition(), partition.end, partition.start, slices, size, divergence);
    }

    @Override
    public CompletableFuture<OffsetAnswer> lookup(PartitionId id, OffsetQuery query) {
        return onLoop(() -> {
            Partition partition = partition(id);
            return switch (query) {
                case OffsetQuery.Earliest earliest -> new OffsetAnswer(partition.start, -1, 0);
                case OffsetQuery.Latest latest -> new OffsetAnswer(partition.end, -1, 0);
                case OffsetQuery.MaxTimestamp max ->
                    partition.batches.stream()
                            .reduce((a, b) -> b.maxTimestamp() > a.maxTimestamp() ? b : a)
                            .map(batch -> new OffsetAnswer(batch.lastOffset(), batch.maxTimestamp(), 0))
                            .orElse(OffsetAnswer.NONE);
                case OffsetQuery.AtTime time ->
                    partition.batches.stream()
                            .filter(batch -> batch.maxTimestamp() >= time.timestampMs())
                            .findFirst()
                            .map(batch -> new OffsetAnswer(batch.baseOffset(), batch.maxTimestamp(), 0))
                            .orElse(OffsetAnswer.NONE);
            };
        });
    }

    @Override
    public CompletableFuture<EpochEnd> endOfEpoch(PartitionId id, int leaderEpoch) {
        return onLoop(() -> new EpochEnd(0, partition(id).end));
    }

    @Override
    public CompletableFuture<Long> deleteRecords(PartitionId id, long beforeOffset) {
        return onLoop(() -> {
            Partition partition = partition(id);
            long before = beforeOffset == -1 ? partition.end : beforeOffset;
            if (before > partition.end) {
                throw new LogException(Kind.OFFSET_OUT_OF_RANGE, "above the high watermark");
            }
            partition.start = Math.max(partition.start, before);
            return partition.start;
        });
    }

    @Override
    public CompletableFuture<List<ActiveProducer>> producers(PartitionId id) {
        return onLoop(() -> {
            partition(id);
            return List.of(new ActiveProducer(7, (short) 1, 41, 1234));
        });
    }

    @Override
    public CompletableFuture<PartitionStatus> status(PartitionId id) {
        return onLoop(() -> {
            Partition partition = partition(id);
            long bytes = partition.batches.stream()
                    .mapToLong(batch -> batch.bytes().limit())
                    .sum();
            return new PartitionStatus(id, 0, partition.start, 0, partition.end, partition.end, bytes);
        });
    }

    @Override
    public CompletableFuture<Void> ready(UUID topicId) {
        if (neverReady) {
            return new CompletableFuture<>();
        }
        return onLoop(() -> awaited.computeIfAbsent(topicId, id -> new CompletableFuture<>()))
                .thenCompose(Function.identity());
    }

    @Override
    public CompletableFuture<Void> flush() {
        return onLoop(() -> null);
    }
}
