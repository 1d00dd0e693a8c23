package io.kafscale.coordinator;

import io.kafscale.coordinator.ShardLoad.LoadedTopic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.image.TopicImage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Kafka's coordinator which topics there are, and of deleted ones so that it drops their committed offsets. The coordinator
 * blocks until those are gone, so it is told on a thread of this class. Thread-safe.
 *
 * <p>A deletion can escape the owner of a shard: the broker may die, or the shard may be loading. So the topics that a newly loaded
 * shard has offsets of are compared with the published ones. An offset whose topic id was in use at a metadata revision at or before
 * the published one, and which the published topics lack, is of a deleted topic; of an id that is newer nothing is known yet.
 */
final class TopicPublisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TopicPublisher.class);

    private final BiConsumer<MetadataDelta, MetadataImage> coordinator;
    private final ExecutorService thread;
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private @Nullable Publication next;

    private long revision = -1;
    private long version;
    private final Map<Uuid, LoadedTopic> unconfirmed = new HashMap<>();

    private record Publication(long revision, Collection<GroupTopic> topics, CompletableFuture<Void> done) {}

    /**
     * A publisher of no topics.
     *
     * @param coordinator told on this publisher's thread; may block
     */
    TopicPublisher(BiConsumer<MetadataDelta, MetadataImage> coordinator) {
        this.coordinator = coordinator;
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("group-topics").daemon().factory());
    }

    /**
     * Replaces all topics. A later call overtakes an earlier one that has not begun.
     *
     * @param revision the metadata revision {@code topics} were read at
     * @return completes when the coordinator knows these topics or later ones
     */
    CompletableFuture<Void> publish(long revision, Collection<GroupTopic> topics) {
        Publication publication;
        synchronized (this) {
            Publication overtaken = next;
            var done = overtaken == null ? new CompletableFuture<Void>() : overtaken.done;
            publication = new Publication(revision, List.copyOf(topics), done);
            next = publication;
            if (overtaken != null) {
                return done.copy();
            }
        }
        try {
            thread.execute(this::publishNext);
        } catch (RejectedExecutionException closed) {
            publication.done.completeExceptionally(closed);
        }
        return publication.done.copy();
    }

    /** Has the offsets of deleted topics dropped from a shard that has become active. */
    void loaded(Map<Uuid, LoadedTopic> topics) {
        thread.execute(() -> {
            topics.forEach((id, topic) -> unconfirmed.merge(id, topic, (a, b) -> a.revision() <= b.revision() ? a : b));
            try {
                sweep();
            } catch (RuntimeException failure) {
                log.error("committed offsets of deleted topics could not be dropped", failure);
            }
        });
    }

    /** The id of a topic of that name, or {@link Uuid#ZERO_UUID}. Any thread. */
    Uuid idOf(String topic) {
        TopicImage known = image.topics().getTopic(topic);
        return known == null ? Uuid.ZERO_UUID : known.id();
    }

    private void publishNext() {
        Publication publication;
        synchronized (this) {
            publication = next;
            next = null;
        }
        if (publication == null) {
            return;
        }
        try {
            if (publication.revision >= revision) {
                apply(publication);
                sweep();
            }
            publication.done.complete(null);
        } catch (RuntimeException failure) {
            log.error("the group coordinator refused the topics of revision {}", publication.revision, failure);
            publication.done.completeExceptionally(failure);
        }
    }

    private void apply(Publication publication) {
        Map<Uuid, GroupTopic> wanted = new HashMap<>();
        publication.topics.forEach(topic -> wanted.put(topic.id(), topic));
        var delta = new MetadataDelta.Builder().setImage(image).build();
        boolean changed = false;
        for (Uuid known : image.topics().topicsById().keySet()) {
            if (!wanted.containsKey(known)) {
                delta.replay(new RemoveTopicRecord().setTopicId(known));
                changed = true;
            }
        }
        for (GroupTopic topic : publication.topics) {
            changed |= add(delta, topic);
        }
        revision = publication.revision;
        if (changed || image.isEmpty()) {
            tell(delta);
        }
    }

    private boolean add(MetadataDelta delta, GroupTopic topic) {
        TopicImage known = image.topics().getTopic(topic.id());
        if (known == null) {
            delta.replay(new TopicRecord().setTopicId(topic.id()).setName(topic.name()));
        }
        int partitions = known == null ? 0 : known.partitions().size();
        for (int partition = partitions; partition < topic.partitions(); partition++) {
            // Replicas, leader and epochs are of no interest to groups, but an image needs some.
            delta.replay(new PartitionRecord()
                    .setTopicId(topic.id())
                    .setPartitionId(partition)
                    .setReplicas(List.of(0))
                    .setIsr(List.of(0))
                    .setLeader(0)
                    .setLeaderEpoch(0)
                    .setPartitionEpoch(0));
        }
        return known == null || partitions < topic.partitions();
    }

    private void tell(MetadataDelta delta) {
        MetadataImage after = delta.apply(new MetadataProvenance(++version, 1, 0, true));
        image = after;
        coordinator.accept(delta, after);
    }

    /** Drops the offsets of topics that are known to be deleted, and forgets those that are known to be there. */
    private void sweep() {
        Map<Uuid, LoadedTopic> deleted = new HashMap<>();
        for (Iterator<Map.Entry<Uuid, LoadedTopic>> each =
                        unconfirmed.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<Uuid, LoadedTopic> topic = each.next();
            if (image.topics().getTopic(topic.getKey()) != null) {
                each.remove();
            } else if (topic.getValue().revision() <= revision) {
                deleted.put(topic.getKey(), topic.getValue());
                each.remove();
            }
        }
        if (!deleted.isEmpty()) {
            log.info(
                    "dropping committed offsets of {} topics that were deleted while nobody was looking",
                    deleted.size());
            tellDeleted(deleted);
        }
    }

    /** The coordinator learns of deletions only as a difference between images, so it gets one from an image that has the topics. */
    private void tellDeleted(Map<Uuid, LoadedTopic> deleted) {
        var revival = new MetadataDelta.Builder().setImage(image).build();
        deleted.forEach(
                (id, topic) -> revival.replay(new TopicRecord().setTopicId(id).setName(topic.name())));
        MetadataImage before = revival.apply(new MetadataProvenance(version, 1, 0, true));
        var deletion = new MetadataDelta.Builder().setImage(before).build();
        List<Uuid> ids = new ArrayList<>(deleted.keySet());
        ids.forEach(id -> deletion.replay(new RemoveTopicRecord().setTopicId(id)));
        coordinator.accept(deletion, image);
    }

    /** Lets what has begun finish; the rest is dropped. */
    @Override
    public void close() {
        thread.shutdownNow();
        synchronized (this) {
            if (next != null) {
                next.done.completeExceptionally(new IllegalStateException("the group coordinator was closed"));
                next = null;
            }
        }
    }
}
