package io.kafscale.app.client;

import io.kafscale.app.cli.CommandException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** What several commands ask about topics. Main thread. */
final class Topics {
    private Topics() {}

    /** Name, id and partitions of a topic that must exist. */
    static TopicDescription describe(BrokerSession broker, String topic) {
        try {
            return broker.await(
                    "describing " + topic,
                    broker.admin().describeTopics(List.of(topic)).topicNameValues(),
                    topic);
        } catch (UnknownTopicOrPartitionException missing) {
            throw unknown(topic, missing);
        }
    }

    /** The partitions of a topic that must exist. */
    static List<TopicPartition> partitions(BrokerSession broker, String topic) {
        return describe(broker, topic).partitions().stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }

    /** One offset of each partition, such as the earliest or the latest; -1 where there is none. */
    static Map<TopicPartition, Long> offsets(BrokerSession broker, Map<TopicPartition, OffsetSpec> specs) {
        var answers = broker.await(
                "asking for offsets", broker.admin().listOffsets(specs).all());
        var offsets = new TreeMap<TopicPartition, Long>(TopicPartitions.ORDER);
        answers.forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }

    /** What to say of a topic that does not exist. */
    static CommandException unknown(String topic, @Nullable Exception cause) {
        String message = "There is no topic '" + topic + "'. 'kafscale topic list' shows those there are.";
        return cause == null ? new CommandException(message) : new CommandException(message, cause);
    }

    /** "1 partition", "2 partitions". */
    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
