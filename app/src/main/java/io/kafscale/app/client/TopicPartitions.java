package io.kafscale.app.client;

import io.kafscale.app.cli.CommandException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * Partitions of a topic as a user names them: {@code orders} for all, {@code orders:0,2} for some. Immutable.
 *
 * @param partitions the ones named; empty for all
 */
record TopicPartitions(String topic, List<Integer> partitions) {
    /** By topic, then by number. */
    static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    TopicPartitions {
        partitions = List.copyOf(partitions);
    }

    static TopicPartitions parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return new TopicPartitions(text, List.of());
        }
        try {
            return new TopicPartitions(
                    text.substring(0, colon),
                    Arrays.stream(text.substring(colon + 1).split(",", -1))
                            .map(Integer::valueOf)
                            .toList());
        } catch (NumberFormatException malformed) {
            throw new CommandException(
                    "'" + text + "' names no partitions; write topic, or topic:0,2 for some of its partitions.",
                    malformed);
        }
    }

    /** Those of {@code all} that are meant. */
    List<TopicPartition> among(List<TopicPartition> all) {
        return all.stream()
                .filter(partition -> partitions.isEmpty() || partitions.contains(partition.partition()))
                .toList();
    }
}
