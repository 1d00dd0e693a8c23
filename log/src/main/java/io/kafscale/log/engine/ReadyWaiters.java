package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Who waits until all partitions of a topic are served, or until there is no such topic any more. Log loop only. */
final class ReadyWaiters {
    private final Predicate<UUID> isReady;
    private final Map<UUID, List<CompletableFuture<Void>>> waiting = new LinkedHashMap<>();

    /**
     * Nobody waits.
     *
     * @param isReady whether all partitions of a topic are served now
     */
    ReadyWaiters(Predicate<UUID> isReady) {
        this.isReady = isReady;
    }

    /** Completes when the topic is served or, as a tombstone in this or a later image says, deleted. */
    CompletableFuture<Void> add(UUID topicId, ClusterImage image) {
        if (isReady.test(topicId) || image.tombstones().containsKey(topicId)) {
            return CompletableFuture.completedFuture(null);
        }
        var ready = new CompletableFuture<Void>();
        waiting.computeIfAbsent(topicId, _ -> new ArrayList<>()).add(ready);
        return ready;
    }

    /** Topics may have gone. */
    void follow(ClusterImage image, ClusterDelta delta) {
        delta.deletedTopics().forEach(this::answer);
        delta.tombstones().stream().filter(image.tombstones()::containsKey).forEach(this::answer);
    }

    /** Partitions may have come, by what an image shows. */
    void look(ClusterDelta delta) {
        if (waiting.isEmpty()) {
            return;
        }
        if (delta.changesBrokers()) {
            look();
            return;
        }
        var touched = new TreeSet<>(delta.createdTopics());
        delta.partitions().forEach(id -> touched.add(id.topicId()));
        touched.stream().filter(waiting::containsKey).filter(isReady).forEach(this::answer);
    }

    /** Partitions may have come, or have been found damaged. */
    void look() {
        List.copyOf(waiting.keySet()).stream().filter(isReady).forEach(this::answer);
    }

    private void answer(UUID topicId) {
        List<CompletableFuture<Void>> ready = waiting.remove(topicId);
        if (ready != null) {
            ready.forEach(one -> one.complete(null));
        }
    }

    /** Nothing will become ready any more. */
    void fail(LogException cause) {
        var all = List.copyOf(waiting.values());
        waiting.clear();
        all.forEach(ready -> ready.forEach(one -> one.completeExceptionally(cause)));
    }
}
