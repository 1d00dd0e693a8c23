package io.kafscale.app.client;

import io.kafscale.app.cli.CommandException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** What several commands ask about groups. Main thread. */
final class Groups {
    private Groups() {}

    /** A group that must exist. */
    static ConsumerGroupDescription describe(BrokerSession broker, String group) {
        try {
            return broker.await(
                    "describing " + group,
                    broker.admin().describeConsumerGroups(List.of(group)).describedGroups(),
                    group);
        } catch (GroupIdNotFoundException missing) {
            throw new CommandException(
                    "There is no group '" + group + "'. 'kafscale group list' shows those there are.", missing);
        }
    }

    /** The offsets that a group has committed. */
    static Map<TopicPartition, OffsetAndMetadata> committed(BrokerSession broker, String group) {
        var answer = broker.await(
                "reading committed offsets of " + group,
                broker.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        var committed = new HashMap<TopicPartition, OffsetAndMetadata>();
        answer.forEach((partition, offset) -> {
            if (offset != null) { // null where the group asked for a partition it never committed
                committed.put(partition, offset);
            }
        });
        return committed;
    }
}
