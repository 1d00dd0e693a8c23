package io.kafscale.broker.admin;

import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.ImageListener;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Who waits until every partition of a topic has a leader that clients can reach, whichever broker it is. Thread-safe. */
public final class LedTopics implements ImageListener {
    private final ImageKeeper images;
    private final Map<UUID, CompletableFuture<Void>> waiting = new ConcurrentHashMap<>();

    private LedTopics(ImageKeeper images) {
        this.images = images;
    }

    /** Follows the images from now on. */
    static LedTopics of(ImageKeeper images) {
        var topics = new LedTopics(images);
        images.addListener(topics);
        return topics;
    }

    /** Completes when every partition of the topic, which this broker's image has shown, is led, or the topic is gone. */
    CompletableFuture<Void> led(UUID topicId) {
        // All who wait for a topic share one future, so that those who gave up leave nothing behind.
        CompletableFuture<Void> led = waiting.computeIfAbsent(topicId, id -> new CompletableFuture<>());
        look(topicId, images.image());
        return led.copy();
    }

    @Override
    public void onImage(ClusterImage before, ClusterImage now, ClusterDelta delta) {
        if (waiting.isEmpty()) {
            return;
        }
        Set<UUID> concerned = new HashSet<>(delta.deletedTopics());
        if (delta.changesBrokers()) {
            concerned.addAll(waiting.keySet());
        }
        delta.partitions().forEach(partition -> concerned.add(partition.topicId()));
        concerned.stream().filter(waiting::containsKey).forEach(topicId -> look(topicId, now));
    }

    private void look(UUID topicId, ClusterImage image) {
        Optional<TopicRecord> topic = image.topic(topicId).map(Versioned::value);
        if (topic.isEmpty() || isLed(topic.get(), new ClusterView(image))) {
            CompletableFuture<Void> led = waiting.remove(topicId);
            if (led != null) {
                led.complete(null);
            }
        }
    }

    private static boolean isLed(TopicRecord topic, ClusterView cluster) {
        return IntStream.range(0, topic.partitions())
                .allMatch(partition ->
                        cluster.leader(new PartitionId(topic.id(), partition)).available());
    }
}
