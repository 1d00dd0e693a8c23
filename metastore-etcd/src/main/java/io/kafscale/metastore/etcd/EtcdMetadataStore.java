package io.kafscale.metastore.etcd;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import io.kafscale.metastore.etcd.proto.CompactionRequest;
import io.kafscale.metastore.etcd.proto.KVGrpc;
import io.kafscale.metastore.etcd.proto.LeaseGrantRequest;
import io.kafscale.metastore.etcd.proto.LeaseGrpc;
import io.kafscale.metastore.etcd.proto.LeaseRevokeRequest;
import io.kafscale.metastore.etcd.proto.TxnRequest;
import io.kafscale.runtime.FutureFailure;
import io.kafscale.runtime.ThreadEventLoop;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A metadata store in etcd. Thread-safe; futures complete and listeners are told on a thread of its own, which nobody may block.
 * Reads are linearizable. Compared keys may hold 32 MiB together, and so may one revision of a watch.
 */
public final class EtcdMetadataStore implements MetadataStore {
    private static final Logger LOG = LoggerFactory.getLogger(EtcdMetadataStore.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final EtcdSettings settings;
    private final String description;
    private final ThreadEventLoop loop;
    private final StoreContext context;
    private final LeaseKeeper leases;
    private final Set<EtcdWatch> watches = new LinkedHashSet<>();
    private volatile boolean closed;

    private EtcdMetadataStore(EtcdSettings settings, ThreadEventLoop loop, Endpoints endpoints) {
        this.settings = settings;
        this.description = settings.describe();
        this.loop = loop;
        this.context = new StoreContext(loop, endpoints, new Calls(loop, endpoints, settings), new SecureRandom());
        this.leases = new LeaseKeeper(context);
    }

    /**
     * A store that has not connected yet: calls connect.
     *
     * @throws MetadataException if a TLS file cannot be used; the message says which and why
     */
    public static EtcdMetadataStore open(EtcdSettings settings) {
        return open(settings, new SecureRandom());
    }

    /** A store whose choice of the first endpoint is {@code random}'s. */
    static EtcdMetadataStore open(EtcdSettings settings, RandomGenerator random) {
        var loop = new ThreadEventLoop(
                "kafscale-etcd",
                (name, failure) -> LOG.error("A task failed; this is a defect, please report it", failure));
        try {
            return new EtcdMetadataStore(settings, loop, new Endpoints(EtcdChannels.open(settings, loop), random));
        } catch (MetadataException unusable) {
            loop.close();
            throw unusable;
        }
    }

    /**
     * Whether this etcd can be used for keys under {@code prefix}: reached, new enough, with a leader, and with our permissions. Writes
     * nothing. Blocks, for a few call limits at most.
     *
     * @throws MetadataException if not; the message says why and how to mend it
     */
    public void check(String prefix) {
        try {
            onLoop(new StartCheck(context.calls(), prefix)::run).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof MetadataException known
                    ? StartFailure.explain(settings, prefix, known)
                    : failed;
        }
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        var request = EtcdMessages.get(key);
        return onLoop(() -> context.calls()
                .call(KVGrpc.getRangeMethod(), request, Calls.Effect.READ)
                .thenApply(answer -> EtcdMessages.only(answer.getKvsList())));
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return onLoop(() -> new RangeReader(context.calls(), prefix).read());
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        TxnRequest request = EtcdMessages.transaction(transaction);
        var effect = transaction.writes().isEmpty() ? Calls.Effect.READ : Calls.Effect.WRITE;
        return onLoop(() -> context.calls()
                .call(KVGrpc.getTxnMethod(), request, effect)
                .thenApply(answer -> EtcdMessages.result(transaction, answer)));
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        if (fromRevision < 1) {
            throw new IllegalArgumentException("revisions begin with 1, there is no " + fromRevision);
        }
        if (closed) {
            throw closedFailure(null);
        }
        var watch = new EtcdWatch(context, prefix, fromRevision, listener, watches::remove);
        try {
            loop.execute(() -> {
                if (!closed) {
                    watches.add(watch);
                    watch.start();
                }
            });
        } catch (RejectedExecutionException ended) {
            throw closedFailure(ended);
        }
        return watch;
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        if (!timeToLive.isPositive()) {
            throw new IllegalArgumentException("a lease lives for a positive time, not " + timeToLive);
        }
        var request = LeaseGrantRequest.newBuilder()
                .setTTL(timeToLive.plusSeconds(1).minusNanos(1).toSeconds())
                .build();
        return onLoop(() -> {
            long sentAtNanos = loop.time().nanoTime();
            // A grant whose answer is lost leaves a lease that nobody knows of and that runs out with nothing attached
            // to
            // it: no doubt that anybody has to settle, so this fails as a read does.
            return context.calls()
                    .call(LeaseGrpc.getLeaseGrantMethod(), request, Calls.Effect.READ)
                    .thenApply(answer -> granted(answer.getID(), Duration.ofSeconds(answer.getTTL()), sentAtNanos));
        });
    }

    private Lease granted(long id, Duration timeToLive, long sentAtNanos) {
        var leaseHolder = new EtcdLease[1];
        var lease =
                new EtcdLease(id, timeToLive, sentAtNanos, () -> release(leaseHolder[0]), () -> revoke(leaseHolder[0]));
        leaseHolder[0] = lease;
        if (!closed) {
            leases.keep(lease);
        }
        return lease;
    }

    private void release(EtcdLease lease) {
        try {
            loop.execute(() -> leases.release(lease));
        } catch (RejectedExecutionException ended) {
            LOG.debug("The store was closed, no lease is renewed any more [lease={}]", lease.id(), ended);
        }
    }

    private CompletableFuture<Void> revoke(EtcdLease lease) {
        return onLoop(() -> {
            leases.release(lease);
            var request = LeaseRevokeRequest.newBuilder().setID(lease.id()).build();
            return context.calls()
                    .call(LeaseGrpc.getLeaseRevokeMethod(), request, Calls.Effect.WRITE)
                    .handle((answer, failure) -> revoked(failure));
        });
    }

    /** A lease that was gone already has ended as well. */
    private static @Nullable Void revoked(@Nullable Throwable failure) {
        if (failure != null
                && !(FutureFailure.cause(failure) instanceof MetadataException known
                        && known.kind() == Kind.LEASE_GONE)) {
            throw new CompletionException(FutureFailure.cause(failure));
        }
        return null;
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        var request = CompactionRequest.newBuilder().setRevision(revision).build();
        return onLoop(() -> context.calls()
                .call(KVGrpc.getCompactMethod(), request, Calls.Effect.READ)
                .handle((answer, failure) -> compacted(failure)));
    }

    /** To have been compacted already is what was asked for. */
    private static @Nullable Void compacted(@Nullable Throwable failure) {
        @Nullable Status status = failure == null ? null : EtcdFailures.statusOf(failure);
        if (failure != null && (status == null || !EtcdFailures.saysCompacted(status))) {
            throw new CompletionException(FutureFailure.cause(failure));
        }
        return null;
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        var ended = new CompletableFuture<Void>();
        try {
            loop.execute(() -> {
                List.copyOf(watches).forEach(EtcdWatch::end);
                leases.close();
                context.calls().close();
                context.endpoints().all().forEach(endpoint -> endpoint.channel().shutdownNow());
                ended.complete(null);
            });
        } catch (RejectedExecutionException already) {
            return;
        }
        if (!loop.inLoop()) {
            ended.join();
            context.endpoints().all().forEach(endpoint -> awaitEnd(endpoint.channel()));
        }
        loop.close();
    }

    private static void awaitEnd(ManagedChannel channel) {
        try {
            if (!channel.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("A channel to etcd did not close within {} s", CLOSE_LIMIT.toSeconds());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs {@code task} on the loop; what it fails with is not wrapped. */
    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> task) {
        var result = new CompletableFuture<T>();
        try {
            loop.execute(() -> {
                if (closed) {
                    result.completeExceptionally(closedFailure(null));
                    return;
                }
                run(task, result);
            });
        } catch (RejectedExecutionException ended) {
            result.completeExceptionally(closedFailure(ended));
        }
        return result;
    }

    private static <T> void run(Supplier<CompletableFuture<T>> task, CompletableFuture<T> result) {
        CompletableFuture<T> started;
        try {
            started = task.get();
        } catch (RuntimeException failure) {
            result.completeExceptionally(failure);
            return;
        }
        started.whenComplete((value, failure) -> {
            if (failure != null) {
                result.completeExceptionally(FutureFailure.cause(failure));
            } else {
                result.complete(value);
            }
        });
    }

    private static MetadataException closedFailure(@Nullable Throwable cause) {
        String what = "the metadata store was closed";
        return cause == null
                ? new MetadataException(Kind.CLOSED, what)
                : new MetadataException(Kind.CLOSED, what, cause);
    }
}
