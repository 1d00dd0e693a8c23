package io.kafscale.broker;

import io.kafscale.broker.request.ClusterView;
import io.kafscale.coordinator.GroupTopic;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ImageListener;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the group coordinator which topics there are, whenever that changes. Called on the loop of the images only. */
final class GroupTopicFeed implements ImageListener {
    private static final Logger LOG = LoggerFactory.getLogger(GroupTopicFeed.class);

    private final Target target;
    private boolean published;

    /** Who is told. */
    @FunctionalInterface
    interface Target {
        /** All topics as of a revision; see {@link io.kafscale.coordinator.GroupCoordinatorHost#publishTopics}. */
        CompletableFuture<Void> publish(long revision, Collection<GroupTopic> all);
    }

    GroupTopicFeed(Target target) {
        this.target = target;
    }

    @Override
    public void onImage(ClusterImage before, ClusterImage now, ClusterDelta delta) {
        boolean changed = !delta.createdTopics().isEmpty()
                || !delta.changedTopics().isEmpty()
                || !delta.deletedTopics().isEmpty();
        if (published && !changed) {
            return;
        }
        published = true;
        List<GroupTopic> all =
                now.topics().stream().map(topic -> groupTopic(topic.value())).toList();
        target.publish(now.revision(), all).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.error("Consumer groups were not told of the topics of revision {}", now.revision(), failure);
            }
        });
    }

    private static GroupTopic groupTopic(TopicRecord topic) {
        return new GroupTopic(ClusterView.toKafka(topic.id()), topic.name(), topic.partitions());
    }
}
