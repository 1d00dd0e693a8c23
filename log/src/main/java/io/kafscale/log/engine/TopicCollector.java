package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.metastore.cluster.TopicTombstone;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.runtime.FutureFailure;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is left of deleted topics: a grace after the tombstone, the objects of the topic's directory (which no other topic ever
 * uses), then its partition records, then the tombstone itself. Each step may be repeated after a crash. Log loop only.
 */
final class TopicCollector {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCollector.class);
    private static final int PAGE = 1000;

    private final EngineContext context;
    private final TopicStore topics;
    private final Map<UUID, TopicTombstone> known = new TreeMap<>();
    private final Set<UUID> underWay = new HashSet<>();
    private boolean working;

    TopicCollector(EngineContext context, TopicStore topics) {
        this.context = context;
        this.topics = topics;
    }

    /** Looks for new tombstones, and schedules the removal of what they stand for if that is up to this broker. */
    void follow(ClusterImage image, ClusterDelta delta) {
        for (UUID topicId : new TreeSet<>(delta.tombstones())) {
            Versioned<TopicTombstone> tombstone = image.tombstones().get(topicId);
            if (tombstone == null) {
                known.remove(topicId);
            } else {
                known.put(topicId, tombstone.value());
                schedule(tombstone.value());
            }
        }
    }

    /** From now on it is up to this broker. */
    void begin() {
        working = true;
        known.values().forEach(this::schedule);
    }

    /** It is not any more: nothing more is begun. */
    void end() {
        working = false;
    }

    private void schedule(TopicTombstone topic) {
        if (working && underWay.add(topic.id())) {
            later(topic);
        }
    }

    private void later(TopicTombstone topic) {
        context.loop().schedule(context.settings().collectGrace(), () -> remove(topic));
    }

    private void remove(TopicTombstone topic) {
        if (!working || !known.containsKey(topic.id())) {
            underWay.remove(topic.id());
            return;
        }
        deleteObjects(topic, 0)
                .thenCompose(deleted -> topics.purgePartitions(topic)
                        .thenCompose(_ -> topics.removeTombstone(topic.id()))
                        .thenApply(_ -> deleted))
                .whenComplete((deleted, failure) -> {
                    if (failure == null) {
                        LOG.info(
                                "Removed a deleted topic [topic={}, topicId={}, objects={}]",
                                topic.name(),
                                topic.id(),
                                deleted);
                        underWay.remove(topic.id());
                    } else {
                        LOG.warn(
                                "Could not remove a deleted topic yet, trying again [topic={}, topicId={}, retryIn={}]",
                                topic.name(),
                                topic.id(),
                                context.settings().collectGrace(),
                                FutureFailure.cause(failure));
                        later(topic);
                    }
                });
    }

    /** Deletes page by page, and from the start again until a listing finds nothing of the topic. */
    private CompletableFuture<Integer> deleteObjects(TopicTombstone topic, int soFar) {
        return deletePages(topic, "", 0)
                .thenCompose(deleted -> deleted == 0
                        ? CompletableFuture.completedFuture(soFar)
                        : deleteObjects(topic, soFar + deleted));
    }

    private CompletableFuture<Integer> deletePages(TopicTombstone topic, String startAfter, int soFar) {
        String prefix = context.layout().topicPrefix(topic.directory());
        return context.onLoop(context.objects().list(prefix, startAfter, PAGE)).thenCompose(page -> {
            List<String> doomed = keysOf(topic, page);
            var deletion = doomed.isEmpty()
                    ? CompletableFuture.<Void>completedFuture(null)
                    : context.onLoop(context.objects().delete(doomed));
            int deleted = soFar + doomed.size();
            return deletion.thenCompose(_ -> page.more()
                    ? deletePages(topic, page.objects().getLast().key(), deleted)
                    : CompletableFuture.completedFuture(deleted));
        });
    }

    /** What the topic's leaders wrote. Whatever else is there is not ours to delete: another cluster's, in the worst case. */
    private List<String> keysOf(TopicTombstone topic, ObjectPage page) {
        return page.objects().stream()
                .map(ObjectSummary::key)
                .filter(key -> context.layout()
                        .parseSegmentKey(key)
                        .filter(segment -> segment.topicDirectory().equals(topic.directory()))
                        .isPresent())
                .toList();
    }
}
