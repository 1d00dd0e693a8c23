package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one session has still to take: one takeover at a time, what could not be taken again after a while, for as long as the
 * session lives. Once nothing is left, what earlier incarnations of this broker left behind is sealed. Log loop only.
 */
final class TakeoverQueue {
    private static final Logger LOG = LoggerFactory.getLogger(TakeoverQueue.class);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

    private final EngineContext context;
    private final ImageKeeper images;
    private final Session session;
    private final Set<UUID> wanted = new TreeSet<>();
    private final Set<UUID> postponed = new TreeSet<>();
    private boolean taking;
    private boolean swept;
    private int failures;
    private EventLoop.@Nullable Timer retry;

    TakeoverQueue(EngineContext context, ImageKeeper images, Session session) {
        this.context = context;
        this.images = images;
        this.session = session;
    }

    /** Takes every partition there is; see {@link #take}. */
    CompletableFuture<Void> takeAll() {
        return take(images.image().topics().stream()
                .map(topic -> topic.value().id())
                .toList());
    }

    /**
     * Takes the partitions of these topics that are not settled. Returns once nothing is left to take now; fails with the first
     * reason why something had to be put off, which is tried again nevertheless.
     */
    CompletableFuture<Void> take(Collection<UUID> topicIds) {
        wanted.addAll(topicIds);
        return next();
    }

    private CompletableFuture<Void> next() {
        if (taking || session.ended() != null) {
            return CompletableFuture.completedFuture(null);
        }
        List<Takeover.Target> targets = targets();
        if (targets.isEmpty()) {
            sweep();
            return CompletableFuture.completedFuture(null);
        }
        taking = true;
        return session.take(targets).thenCompose(failed -> {
            taking = false;
            if (failed.isEmpty()) {
                return next();
            }
            postpone(failed);
            return next().handle((_, _) -> null)
                    .thenCompose(_ -> CompletableFuture.failedFuture(
                            failed.values().iterator().next()));
        });
    }

    private List<Takeover.Target> targets() {
        ClusterImage image = images.image();
        var targets = new ArrayList<Takeover.Target>();
        for (UUID topicId : wanted) {
            image.topic(topicId).ifPresent(topic -> addTargets(image, topic, targets));
        }
        wanted.clear();
        return targets;
    }

    private void addTargets(ClusterImage image, Versioned<TopicRecord> topic, List<Takeover.Target> targets) {
        for (int partition = 0; partition < topic.value().partitions(); partition++) {
            var id = new PartitionId(topic.value().id(), partition);
            if (!session.isSettled(id)) {
                targets.add(new Takeover.Target(
                        topic, partition, image.partition(id).orElse(null)));
            }
        }
    }

    private void postpone(Map<PartitionId, Throwable> failed) {
        if (session.ended() != null) {
            return;
        }
        var first = failed.entrySet().iterator().next();
        LOG.warn(
                "Could not take partitions yet [broker={}, partitions={}, first={}]",
                session.incarnation(),
                failed.size(),
                first.getKey(),
                first.getValue());
        failed.keySet().forEach(id -> postponed.add(id.topicId()));
        retryLater();
    }

    private void retryLater() {
        if (retry == null) {
            retry = context.loop().schedule(RETRY.delay(failures++, context.random()), () -> {
                retry = null;
                wanted.addAll(postponed);
                postponed.clear();
                // What fails again has been postponed again.
                next().exceptionally(_ -> null);
            });
        }
    }

    private void sweep() {
        if (!postponed.isEmpty()) {
            return;
        }
        failures = 0;
        if (swept) {
            return;
        }
        swept = true;
        session.sealPredecessors().whenComplete((_, failure) -> {
            if (failure != null && session.ended() == null) {
                LOG.warn("Could not seal all streams of earlier incarnations yet", EngineContext.unwrap(failure));
                swept = false;
                retryLater();
            }
        });
    }
}
