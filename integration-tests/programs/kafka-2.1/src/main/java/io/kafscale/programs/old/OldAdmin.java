package io.kafscale.programs.old;

import static io.kafscale.programs.old.OldClient.check;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the admin client of Kafka 2.1 can do. */
final class OldAdmin {
    private final AdminClient client;

    private OldAdmin(AdminClient client) {
        this.client = client;
    }

    static void run(String bootstrap, String topic, String existingTopic, String existingGroup) throws Exception {
        try (AdminClient client = AdminClient.create(Map.of("bootstrap.servers", bootstrap))) {
            OldAdmin admin = new OldAdmin(client);
            admin.topics(topic);
            admin.records(existingTopic);
            admin.groups(existingTopic, existingGroup);
        }
    }

    private void topics(String topic) throws Exception {
        NewTopic wanted = new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "3600000"));
        get(client.createTopics(List.of(wanted)).all());
        check(get(client.listTopics().names()).contains(topic), "the list of topics");
        check(partitions(topic) == 2, "two partitions");
        check(get(client.describeCluster().nodes()).size() == 1, "one broker");
        check(retention(topic).equals("3600000"), "the config");
        Config altered = new Config(List.of(new ConfigEntry("retention.ms", "7200000")));
        get(client.alterConfigs(Map.of(resource(topic), altered)).all());
        check(retention(topic).equals("7200000"), "the altered config");
        get(client.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all());
        check(partitions(topic) == 4, "four partitions");
        get(client.deleteTopics(List.of(topic)).all());
        try {
            partitions(topic);
        } catch (ExecutionException gone) {
            check(gone.getCause() instanceof UnknownTopicOrPartitionException, "the error of a topic that is gone");
            return;
        }
        throw new IllegalStateException("the topic is still there");
    }

    private void records(String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        long low = get(client.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(3)))
                        .lowWatermarks()
                        .get(partition))
                .lowWatermark();
        check(low == 3, "the low watermark");
        check(get(client.describeLogDirs(List.of(1)).all()).get(1).size() == 1, "one log directory");
    }

    private void groups(String topic, String group) throws Exception {
        check(hasGroup(group), "the list of groups");
        check(
                get(client.describeConsumerGroups(List.of(group)).all())
                        .get(group)
                        .members()
                        .isEmpty(),
                "no members");
        check(
                get(client.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                                .get(new TopicPartition(topic, 0))
                                .offset()
                        == 5,
                "the committed offset");
        get(client.deleteConsumerGroups(List.of(group)).all());
        check(!hasGroup(group), "the list of groups without it");
    }

    private boolean hasGroup(String group) throws Exception {
        return get(client.listConsumerGroups().all()).stream()
                .anyMatch(listing -> listing.groupId().equals(group));
    }

    private int partitions(String topic) throws Exception {
        return get(client.describeTopics(List.of(topic)).all())
                .get(topic)
                .partitions()
                .size();
    }

    private String retention(String topic) throws Exception {
        return get(client.describeConfigs(List.of(resource(topic))).all())
                .get(resource(topic))
                .get("retention.ms")
                .value();
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }
}
