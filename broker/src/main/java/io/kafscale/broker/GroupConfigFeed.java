package io.kafscale.broker;

import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.GroupConfigRecord;
import io.kafscale.metastore.cluster.ImageListener;
import io.kafscale.metastore.cluster.Versioned;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells the group coordinator what is set for single groups, whenever that changes. Called on the loop of the images only.
 *
 * @param target who is told
 */
record GroupConfigFeed(Target target) implements ImageListener {
    /** Who is told. */
    @FunctionalInterface
    interface Target {
        /** All that is set for a group; see {@link io.kafscale.coordinator.GroupCoordinatorHost#configureGroup}. */
        void configure(String group, Map<String, String> configs);
    }

    @Override
    public void onImage(ClusterImage before, ClusterImage now, ClusterDelta delta) {
        for (String group : delta.groupConfigs()) {
            @Nullable Versioned<GroupConfigRecord> set = now.groupConfigs().get(group);
            target.configure(group, set == null ? Map.of() : set.value().configs());
        }
    }
}
