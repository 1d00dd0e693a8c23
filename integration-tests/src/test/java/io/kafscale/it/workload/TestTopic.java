package io.kafscale.it.workload;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/**
 * The topic that a history is about.
 *
 * @param name its name
 * @param partitions how many it has
 */
public record TestTopic(String name, int partitions) {
    /** All of them. */
    public List<TopicPartition> all() {
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(name, partition))
                .toList();
    }

    /** One of them. */
    public TopicPartition at(int partition) {
        return new TopicPartition(name, partition);
    }
}
