package io.kafscale.log.check;

import io.kafscale.format.ClusterObject;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.check.StoredObjects.Outcome;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The identity objects of a namespace: readable, of one cluster, and that of the metadata. Belongs to the loop. */
final class IdentityCheck {
    private final CheckContext context;
    private final StoredObjects objects;
    private final Suspects suspects;
    private final TreeMap<String, ClusterObject> found = new TreeMap<>();

    IdentityCheck(CheckContext context, StoredObjects objects, Suspects suspects) {
        this.context = context;
        this.objects = objects;
        this.suspects = suspects;
    }

    /** Checks them. */
    CompletableFuture<Void> run() {
        return LoopFutures.hop(context.objects().list(context.layout().clusterKey(), "", 1000), context.loop())
                .thenCompose(page -> {
                    List<String> keys = new ArrayList<>();
                    page.objects().stream()
                            .map(object -> object.key())
                            .filter(key -> context.layout().parseClusterKey(key).isPresent())
                            .forEach(keys::add);
                    Iterator<String> left = keys.iterator();
                    return LoopFutures.repeat(() -> left.hasNext() ? read(left.next()) : null);
                })
                .thenAccept(_ -> suspects.suspect(this::judge));
    }

    private CompletableFuture<Void> read(String key) {
        return objects.whole(key, ClusterObject.MAX_BYTES, bytes -> ClusterObject.parse(bytes, key))
                .thenAccept(outcome -> {
                    if (outcome instanceof Outcome.Good<ClusterObject>(ClusterObject object)) {
                        found.put(key, object);
                    } else if (outcome instanceof Outcome.Bad<ClusterObject>(String why)) {
                        suspects.add(Finding.damage(Kind.UNREADABLE_OBJECT, why)
                                .at(key)
                                .so("No broker starts on this namespace.", "Put the object back; it has three lines."));
                    }
                });
    }

    private Optional<Finding> judge(StoredNamespace now) {
        ClusterObject newest = null;
        for (ClusterObject object : found.values()) {
            if (newest == null || object.restoreGeneration() > newest.restoreGeneration()) {
                newest = object;
            }
        }
        String what = contradiction(newest, now.cluster().map(Versioned::value).orElse(null));
        return what == null
                ? Optional.empty()
                : Optional.of(Finding.damage(Kind.CLUSTER_IDENTITY, what)
                        .at(context.layout().clusterKey()));
    }

    private static @Nullable String contradiction(@Nullable ClusterObject bucket, @Nullable ClusterRecord metadata) {
        if (bucket == null || metadata == null) {
            if (bucket == null && metadata == null) {
                return null;
            }
            return bucket == null
                    ? "the bucket has no readable cluster identity"
                    : "the metadata store has no readable cluster record";
        }
        if (!bucket.clusterId().equals(metadata.clusterId())) {
            return "the bucket belongs to cluster " + bucket.clusterId() + ", the metadata to cluster "
                    + metadata.clusterId();
        }
        return bucket.restoreGeneration() == metadata.restoreGeneration()
                ? null
                : "the bucket is of restore generation " + bucket.restoreGeneration() + ", the metadata of "
                        + metadata.restoreGeneration();
    }
}
