package io.kafscale.log.engine;

import io.kafscale.format.CorruptObjectException;
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
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** A {@link LogEngine} as request handlers see it: each call hops to the log loop and finds the partition there. Thread-safe. */
public final class EngineLogService implements LogService {
    private final LogEngine engine;
    private final EventLoop loop;

    /** The log of {@code engine}, whose loop is {@code loop}. */
    public EngineLogService(LogEngine engine, EventLoop loop) {
        this.engine = engine;
        this.loop = loop;
    }

    @Override
    public CompletableFuture<AppendResult> append(AppendRequest request) {
        // Who is answered when it is durable loses nothing if the loop waits for others that go into the same object.
        Executor patience = request.acknowledge() == AppendRequest.Acknowledge.DURABLE ? loop::executeExpected : loop;
        return onLoop(patience, () -> engine.append(request));
    }

    @Override
    public CompletableFuture<FetchResult> fetch(FetchQuery query) {
        return onLoop(() -> {
            Session now;
            try {
                now = engine.session();
            } catch (LogException none) {
                return CompletableFuture.completedFuture(new FetchResult(query.partitions().stream()
                        .<FetchResult.Part>map(part -> new FetchResult.Failed(part.partition(), none))
                        .toList()));
            }
            return now.reads().fetch(query).thenCompose(this::asIncumbent);
        });
    }

    @Override
    public boolean isIncumbent() {
        return engine.isIncumbent();
    }

    private CompletableFuture<FetchResult> asIncumbent(FetchResult result) {
        return engine.asIncumbent(result).exceptionally(failure -> withheld(result, FutureFailure.cause(failure)));
    }

    /** The records are given to nobody. */
    private static FetchResult withheld(FetchResult result, Throwable why) {
        result.release().run();
        if (!(why instanceof LogException doubt)) {
            throw new CompletionException(why);
        }
        return new FetchResult(result.parts().stream()
                .map(part -> part instanceof FetchResult.Records records
                        ? new FetchResult.Failed(records.partition(), doubt)
                        : part)
                .toList());
    }

    @Override
    public CompletableFuture<OffsetAnswer> lookup(PartitionId partition, OffsetQuery query) {
        return with(
                partition, log -> engine.session().reads().lookup(log, query).thenCompose(engine::asIncumbent));
    }

    @Override
    public CompletableFuture<PartitionStatus> status(PartitionId partition) {
        return with(partition, log -> engine.session().reads().status(log).thenCompose(engine::asIncumbent));
    }

    @Override
    public CompletableFuture<EpochEnd> endOfEpoch(PartitionId partition, int leaderEpoch) {
        return with(
                partition,
                log -> engine.session().reads().endOfEpoch(log, leaderEpoch).thenCompose(engine::asIncumbent));
    }

    @Override
    public CompletableFuture<Long> deleteRecords(PartitionId partition, long beforeOffset) {
        return with(partition, log -> engine.session().work().retention().deleteRecords(log.stored(), beforeOffset));
    }

    @Override
    public CompletableFuture<List<ActiveProducer>> producers(PartitionId partition) {
        return with(partition, PartitionLog::producers);
    }

    @Override
    public CompletableFuture<Void> ready(UUID topicId) {
        return onLoop(() -> engine.ready(topicId));
    }

    @Override
    public CompletableFuture<Void> flush() {
        return onLoop(() -> engine.session().wal().flush());
    }

    private <T> CompletableFuture<T> with(PartitionId id, Function<PartitionLog, CompletableFuture<T>> call) {
        return onLoop(() -> call.apply(engine.leading(id)));
    }

    /** What callers are promised; what nobody foresaw stays what it is and becomes a server error at the edge. */
    private static Throwable asLogException(Throwable failure) {
        return switch (failure) {
            case StorageException storage ->
                new LogException(Kind.STORAGE_UNAVAILABLE, "the object store did not serve the request", storage);
            case CorruptObjectException damage -> new LogException(Kind.CORRUPT, damage.getMessage(), damage);
            default -> failure;
        };
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> call) {
        return onLoop(loop, call);
    }

    private static <T> CompletableFuture<T> onLoop(Executor loop, Supplier<CompletableFuture<T>> call) {
        var answer = new CompletableFuture<T>();
        try {
            loop.execute(() -> {
                CompletableFuture<T> under;
                try {
                    under = call.get();
                } catch (RuntimeException refused) {
                    answer.completeExceptionally(asLogException(refused));
                    return;
                }
                under.whenComplete((result, failure) -> {
                    if (failure == null) {
                        answer.complete(result);
                    } else {
                        answer.completeExceptionally(asLogException(FutureFailure.cause(failure)));
                    }
                });
            });
        } catch (RejectedExecutionException ended) {
            answer.completeExceptionally(new LogException(Kind.CLOSED, "the broker has shut down", ended));
        }
        return answer;
    }
}
