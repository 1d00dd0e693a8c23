package io.kafscale.broker.cluster;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Lets a client that asks who leads wait a moment where the leader is suspected to be dead. The answer now would be the dead broker,
 * and the client would wait longer before it asks again than the others take to agree. A suspicion that stays one makes clients wait
 * for {@link #PATIENCE} after it was first met, and then no more. Thread-safe.
 */
final class SuspectedLeaders {
    static final Duration PATIENCE = Duration.ofMillis(300);

    private final BrokerContext broker;
    private final Map<BrokerIncarnation, Long> untilNanos = new HashMap<>();

    SuspectedLeaders(BrokerContext broker) {
        this.broker = broker;
    }

    /**
     * Completes once no leader of these topics is suspected any more, or that has taken too long; at once where none is. Never fails.
     *
     * @param topics looked up only while anybody is suspected
     */
    CompletableFuture<Void> settled(Supplier<List<TopicRecord>> topics) {
        ClusterImage image = broker.images().image();
        long now = broker.time().nanoTime();
        OptionalLong until = waitUntil(image, image.suspects(), topics, now);
        if (until.isEmpty() || until.getAsLong() - now <= 0) {
            return CompletableFuture.completedFuture(null);
        }
        var over = new CompletableFuture<Void>();
        var timer = broker.loop().schedule(Duration.ofNanos(until.getAsLong() - now), () -> over.complete(null));
        var changed = broker.images().awaitRevision(image.revision() + 1).handle((_, ended) -> {
            if (ended != null) {
                over.complete(null);
            }
            return true;
        });
        return CompletableFuture.anyOf(over, changed).thenCompose(_ -> {
            timer.cancel();
            return over.isDone() ? over : settled(topics);
        });
    }

    private synchronized OptionalLong waitUntil(
            ClusterImage image, Set<BrokerIncarnation> suspects, Supplier<List<TopicRecord>> topics, long now) {
        untilNanos.keySet().retainAll(suspects);
        if (suspects.isEmpty()) {
            return OptionalLong.empty();
        }
        List<TopicRecord> asked = topics.get();
        return suspects.stream()
                .filter(suspect -> leadsAnyOf(image, suspect, asked))
                .mapToLong(suspect -> untilNanos.computeIfAbsent(suspect, _ -> now + PATIENCE.toNanos()))
                .max();
    }

    private static boolean leadsAnyOf(ClusterImage image, BrokerIncarnation broker, List<TopicRecord> topics) {
        return topics.stream()
                .flatMap(topic -> image.partitions(topic.id()).values().stream())
                .map(Versioned::value)
                .anyMatch((PartitionRecord record) -> broker.equals(record.leader()));
    }
}
