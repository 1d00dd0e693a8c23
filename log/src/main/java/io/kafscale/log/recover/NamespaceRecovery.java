package io.kafscale.log.recover;

import io.kafscale.format.ClusterObject;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.NamespaceReader;
import io.kafscale.metastore.cluster.RestoreStore;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.Payload;
import io.kafscale.runtime.FutureFailure;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The recovery of a namespace, {@code kafscale recover}. {@link #plan} looks and changes nothing; {@link #run} does it, and may be run
 * again whatever became of it. Both may be called from any thread; everything else belongs to the loop of the context.
 */
public final class NamespaceRecovery {
    private final RecoveryContext context;
    private final Consumer<String> progress;
    private final NamespaceReader metadata;
    private final RestoreStore restore;

    /**
     * A recovery.
     *
     * @param progress told on the loop what is being done
     */
    public NamespaceRecovery(RecoveryContext context, Consumer<String> progress) {
        this.context = context;
        this.progress = progress;
        this.metadata = new NamespaceReader(context.metadata());
        this.restore = new RestoreStore(context.metadata());
    }

    /**
     * What a recovery would do.
     *
     * @return fails with {@link RecoveryException} where it must not be done, or as the stores do
     */
    public CompletableFuture<RecoveryPlan> plan() {
        return onLoop(() -> readMetadata().thenCompose(stored -> survey(stored, false)));
    }

    /**
     * Recovers.
     *
     * @param despiteDamage whether to go on where something acknowledged is missing
     * @return what was done; fails with {@link RecoveryException} where it must not be done, or as the stores do
     */
    public CompletableFuture<RecoveryPlan> run(boolean despiteDamage) {
        return onLoop(() -> readMetadata()
                .thenCompose(stored -> survey(stored, false))
                .thenApply(plan -> permitted(plan, despiteDamage))
                .thenCompose(this::shutOut)
                .thenCompose(plan -> readMetadata().thenCompose(stored -> sealAndWrite(stored, plan, despiteDamage))));
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> task) {
        var result = new CompletableFuture<T>();
        context.loop()
                .execute(() -> LoopFutures.hop(started(task), context.loop()).whenComplete((value, failure) -> {
                    if (failure == null) {
                        result.complete(value);
                    } else {
                        result.completeExceptionally(FutureFailure.cause(failure));
                    }
                }));
        return result;
    }

    private static <T> CompletableFuture<T> started(Supplier<CompletableFuture<T>> task) {
        try {
            return task.get();
        } catch (RuntimeException broken) {
            return CompletableFuture.failedFuture(broken);
        }
    }

    private CompletableFuture<StoredNamespace> readMetadata() {
        progress.accept("reading metadata");
        return metadata.read().thenApply(stored -> {
            if (!stored.brokers().isEmpty()) {
                BrokerRegistration alive =
                        stored.brokers().values().iterator().next().value();
                throw new RecoveryException("broker " + alive.incarnation() + " is registered from " + alive.host()
                        + ":"
                        + alive.port() + ": stop every broker first (one that was killed stays registered for some"
                        + " seconds)");
            }
            return stored;
        });
    }

    private CompletableFuture<RecoveryPlan> survey(StoredNamespace stored, boolean seal) {
        return new BucketSurvey(context, stored, seal, progress)
                .run()
                .thenApply(bucket -> RecoveryPlan.of(stored, bucket, next(stored, bucket), this::newId, nowMs()));
    }

    /** Above everything that was: no number of a generation is ever given out by two. */
    private static int next(StoredNamespace stored, FoundBucket bucket) {
        int known = stored.cluster()
                .map(cluster -> cluster.value().restoreGeneration())
                .orElse(0);
        int next = Math.max(known, bucket.restoreGeneration()) + 1;
        if (next > ClusterRecord.MAX_RESTORE_GENERATION) {
            throw new RecoveryException("there is no restore generation above " + (next - 1));
        }
        return next;
    }

    private static RecoveryPlan permitted(RecoveryPlan plan, boolean despiteDamage) {
        if (plan.hasDamage() && !despiteDamage) {
            throw new RecoveryException(
                    "something that was acknowledged is missing or damaged: put the objects back, or"
                            + " recover without them (--despite-damage)");
        }
        return plan;
    }

    /** From here on no broker starts before the recovery is done: the bucket is of a later generation than the metadata. */
    private CompletableFuture<RecoveryPlan> shutOut(RecoveryPlan plan) {
        progress.accept("shutting out brokers");
        ClusterRecord cluster = plan.cluster();
        String key = context.layout().clusterKey(cluster.restoreGeneration());
        Payload payload = Payload.of(new ClusterObject(cluster.clusterId(), cluster.restoreGeneration()).encode());
        return LoopFutures.hop(context.objects().putIfAbsent(key, payload), context.loop())
                .whenComplete((_, _) -> payload.release())
                .thenApply(outcome -> {
                    if (outcome == PutOutcome.ALREADY_EXISTS) {
                        throw new RecoveryException(key + " was there already: is another recovery running?");
                    }
                    return plan;
                });
    }

    /** What streams hold can change until they are sealed, so the plan that counts is made afterwards. */
    private CompletableFuture<RecoveryPlan> sealAndWrite(
            StoredNamespace stored, RecoveryPlan announced, boolean despiteDamage) {
        return new BucketSurvey(context, stored, true, progress)
                .run()
                .thenApply(bucket -> permitted(
                        RecoveryPlan.of(stored, bucket, announced.cluster().restoreGeneration(), this::newId, nowMs()),
                        despiteDamage))
                .thenCompose(plan -> {
                    progress.accept("writing " + plan.records().size() + " records");
                    return restore.write(plan.records(), stored.cluster())
                            .thenCompose(_ -> readMetadata())
                            .thenCompose(_ -> finish(plan, stored));
                });
    }

    private CompletableFuture<RecoveryPlan> finish(RecoveryPlan plan, StoredNamespace stored) {
        progress.accept("letting brokers in");
        return restore.finish(plan.cluster(), stored.cluster()).thenApply(_ -> plan);
    }

    private long nowMs() {
        return context.loop().time().wallClockMs();
    }

    /** A random (version 4) id whose base 64 form does not begin with '-', as those of new topics. */
    private UUID newId() {
        long high;
        do {
            high = (context.metadata().random().nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
        } while (high >>> 58 == 62);
        long low = (context.metadata().random().nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
