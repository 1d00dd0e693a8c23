package io.kafscale.app.cluster;

import io.kafscale.app.cli.CommandException;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A partition as people name it: {@code orders:3} or, as logs and Kafka's tools print it, {@code orders-3}. Immutable.
 *
 * @param topic as it is now
 */
record PartitionName(TopicRecord topic, int partition) {
    private static final Pattern FORM = Pattern.compile("(.+)[:-](\\d{1,9})");

    /** The partition of this name, which must exist. */
    static PartitionName find(ClusterImage image, String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new CommandException("'" + text + "' names no partition; write topic:partition, as in orders:0.");
        }
        Optional<TopicRecord> topic = image.topic(parts.group(1)).map(Versioned::value);
        if (topic.isEmpty()) {
            throw new CommandException(
                    "There is no topic '" + parts.group(1) + "'. 'kafscale topic list' shows those there are.");
        }
        int partition = Integer.parseInt(parts.group(2));
        if (partition >= topic.get().partitions()) {
            throw new CommandException("Topic '" + topic.get().name() + "' has no partition " + partition
                    + ": its partitions are 0 to " + (topic.get().partitions() - 1) + ".");
        }
        return new PartitionName(topic.get(), partition);
    }

    @Override
    public String toString() {
        return topic.name() + ":" + partition;
    }
}
