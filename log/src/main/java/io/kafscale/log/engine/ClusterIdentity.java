package io.kafscale.log.engine;

import io.kafscale.format.ClusterObject;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.objectstore.Payload;
import io.kafscale.runtime.FutureFailure;
import java.util.Base64;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Makes sure that bucket and metadata belong together before anything is written to either: both carry the cluster's id and restore
 * generation, and a start on a mismatch, or on empty metadata over a bucket in use, is refused. Log loop only.
 */
final class ClusterIdentity {
    private static final int LOOK_AHEAD = 100;

    private final EngineContext context;
    private final ClusterStore cluster;
    private final String key;
    private final String where;

    ClusterIdentity(EngineContext context) {
        this.context = context;
        this.cluster = new ClusterStore(context.metadata());
        this.key = context.layout().clusterKey();
        this.where =
                context.objects().describe() + " (namespace " + context.layout().namespace() + ")";
    }

    /** The cluster this namespace belongs to, created where both sides are empty; fails with {@link LogStartException}. */
    CompletableFuture<ClusterRecord> establish() {
        return context.onLoop(cluster.get())
                .thenCompose(record -> readObject().thenCompose(object -> {
                    if (record.isPresent()) {
                        return object.isPresent()
                                ? CompletableFuture.completedFuture(
                                        agreed(record.get().value(), object.get()))
                                : requireUnusedMetadata(record.get().value()).thenCompose(this::claimBucket);
                    }
                    if (object.isPresent()) {
                        throw new LogStartException("the metadata store "
                                + context.metadata().store().describe()
                                + " is empty, but " + where + " belongs to cluster "
                                + object.get().clusterId()
                                + ": point metadata.uri at that cluster's metadata, rebuild it from the bucket with"
                                + " 'kafscale recover', or use another namespace or storage.uri");
                    }
                    return requireEmptyBucket()
                            .thenCompose(empty -> context.onLoop(cluster.createIfAbsent(new ClusterRecord(
                                    newId(), 0, context.loop().time().wallClockMs()))))
                            .thenApply(Versioned::value)
                            .thenCompose(this::claimBucket);
                }));
    }

    /** The newest identity in the bucket: each time metadata is rebuilt from it, one more is written. */
    private CompletableFuture<Optional<ClusterObject>> readObject() {
        return context.onLoop(context.objects().list(key, "", ObjectPage.MAX_LIMIT))
                .thenCompose(page -> {
                    var reads = page.objects().stream()
                            .map(ObjectSummary::key)
                            .filter(found ->
                                    context.layout().parseClusterKey(found).isPresent())
                            .map(this::readObject)
                            .toList();
                    return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
                            .thenApply(_ -> reads.stream()
                                    .map(CompletableFuture::join)
                                    .max(Comparator.comparingInt(ClusterObject::restoreGeneration)));
                })
                .exceptionally(failure -> {
                    Throwable cause = FutureFailure.cause(failure);
                    throw new LogStartException(
                            "cannot read " + key + " in " + context.objects().describe() + ": " + cause.getMessage(),
                            cause);
                });
    }

    private CompletableFuture<ClusterObject> readObject(String found) {
        return context.onLoop(context.objects().get(found, ClusterObject.MAX_BYTES))
                .thenApply(bytes -> ClusterObject.parse(bytes, found));
    }

    private ClusterRecord agreed(ClusterRecord record, ClusterObject object) {
        if (!record.clusterId().equals(object.clusterId())) {
            throw new LogStartException(
                    where + " belongs to cluster " + object.clusterId() + ", but the metadata store "
                            + context.metadata().store().describe() + " to cluster " + record.clusterId()
                            + ": metadata.uri and storage.uri must name the two halves of one cluster");
        }
        if (object.restoreGeneration() > record.restoreGeneration()) {
            throw new LogStartException("the metadata store "
                    + context.metadata().store().describe()
                    + " is older than " + where + ": it knows restore generation " + record.restoreGeneration()
                    + ", the bucket " + object.restoreGeneration() + "; use the newest metadata, or bring it up to"
                    + " the bucket with 'kafscale recover'");
        }
        return record;
    }

    /**
     * A first start that was interrupted leaves a cluster record, and maybe topics that were created meanwhile. Metadata that a broker
     * has worked with belongs to the bucket it worked on, not to an empty one.
     */
    private CompletableFuture<ClusterRecord> requireUnusedMetadata(ClusterRecord record) {
        return context.onLoop(cluster.hadBrokers()).thenApply(used -> {
            if (used) {
                throw new LogStartException("the metadata store "
                        + context.metadata().store().describe() + " belongs to cluster " + record.clusterId()
                        + ", which is in use, but " + where + " has no cluster identity: storage.uri must"
                        + " name the bucket of that cluster");
            }
            return record;
        });
    }

    /** Writes our identity into a bucket that has none; safe to repeat after a crash half way. */
    private CompletableFuture<ClusterRecord> claimBucket(ClusterRecord record) {
        Payload payload = Payload.of(new ClusterObject(record.clusterId(), record.restoreGeneration()).encode());
        return requireEmptyBucket()
                .thenCompose(empty -> context.onLoop(context.objects().putIfAbsent(key, payload)))
                .whenComplete((outcome, failure) -> payload.release())
                .handle((outcome, failure) -> failure)
                .thenCompose(failure -> readObject().thenApply(object -> {
                    if (object.isPresent()) {
                        return agreed(record, object.get());
                    }
                    throw new LogStartException(
                            "cannot write " + key + " to " + context.objects().describe()
                                    + (failure == null
                                            ? ": the store answered success but does not show it"
                                            : ": "
                                                    + FutureFailure.cause(failure)
                                                            .getMessage()),
                            failure == null
                                    ? new IllegalStateException("not readable after write")
                                    : FutureFailure.cause(failure));
                }));
    }

    /** A namespace without an identity must hold nothing: whatever is there belongs to somebody else. */
    private CompletableFuture<Void> requireEmptyBucket() {
        return context.onLoop(context.objects().list(context.layout().prefix(), "", LOOK_AHEAD))
                .thenAccept(page -> {
                    for (ObjectSummary found : page.objects()) {
                        if (!found.key().startsWith(context.layout().prefix() + ".probe/")
                                && context.layout().parseClusterKey(found.key()).isEmpty()) {
                            throw new LogStartException(where + " holds objects (such as " + found.key()
                                    + ") but no cluster identity: use another namespace, or empty it");
                        }
                    }
                });
    }

    /** 128 random bits in Kafka's form of a cluster id. */
    private String newId() {
        byte[] bits = new byte[16];
        context.random().nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }
}
