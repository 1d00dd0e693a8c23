package io.kafscale.it;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.atLeast;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.client.Clients;
import io.kafscale.it.client.GroupMember;
import io.kafscale.it.client.Observed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of groups, with the classic protocol and with the one of KIP-848. */
@OnEveryStorage
class ConsumerGroupIT {
    private final BrokerUnderTest broker;
    private final Clients clients;

    ConsumerGroupIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void twoMembersShareATopicAndOneTakesAllWhenTheOtherLeaves(String protocol) {
        // Given
        String topic = clients.topic(4);
        String group = Clients.unique("group");
        var observed = new Observed();
        try (var first = GroupMember.start(observed, member(group, protocol, Map.of()), topic)) {
            observed.await("the first has all", () -> first.owned().size() == 4);
            try (var second = GroupMember.start(observed, member(group, protocol, Map.of()), topic)) {
                observed.await(
                        "two each",
                        () -> first.owned().size() == 2 && second.owned().size() == 2);
                // When
                produceToEach(topic, 4, 25);
                observed.await(
                        "all records",
                        () -> first.received().size() + second.received().size() >= 100);
                // Then
                assertThat(first.owned()).doesNotContainAnyElementsOf(second.owned());
                assertThat(Stream.concat(first.received().stream(), second.received().stream()))
                        .extracting(ConsumerRecord::value)
                        .hasSize(100)
                        .doesNotHaveDuplicates();
            }
            observed.await("the first has all again", () -> first.owned().size() == 4);
            produceToEach(topic, 4, 5);
            observed.await("the new records", () -> lastOffsets(first).equals(List.of(29L, 29L, 29L, 29L)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aStaticMemberThatComesBackInTimeDisturbsNobody(String protocol) {
        // Given
        String topic = clients.topic(4);
        String group = Clients.unique("group");
        var observed = new Observed();
        try (var other = GroupMember.start(observed, staticMember(group, protocol, "a"), topic)) {
            var restarting = GroupMember.start(observed, staticMember(group, protocol, "b"), topic);
            observed.await(
                    "two each",
                    () -> other.owned().size() == 2 && restarting.owned().size() == 2);
            Set<String> before = restarting.owned();
            int rebalances = other.rebalances();
            // When
            restarting.stop(GroupMembershipOperation.DEFAULT);
            try (var again = GroupMember.start(observed, staticMember(group, protocol, "b"), topic)) {
                observed.await("its partitions are back", () -> again.owned().size() == 2);
                // Then
                assertThat(again.owned()).isEqualTo(before);
                assertThat(other.owned()).hasSize(2);
                assertThat(other.rebalances()).isEqualTo(rebalances);
            }
        }
    }

    @Test
    void aClassicMemberThatFallsSilentLosesItsPartitions() {
        // Given
        String topic = clients.topic(2);
        String group = Clients.unique("group");
        Map<String, ?> shortSession = Map.of("session.timeout.ms", 6_000, "heartbeat.interval.ms", 500);
        var observed = new Observed();
        try (var survivor = GroupMember.start(observed, member(group, "classic", shortSession), topic)) {
            var silent = GroupMember.start(observed, member(group, "classic", shortSession), topic);
            observed.await(
                    "one each",
                    () -> survivor.owned().size() == 1 && silent.owned().size() == 1);
            // When
            silent.stop(GroupMembershipOperation.REMAIN_IN_GROUP);
            // Then
            observed.await("the survivor has both", () -> survivor.owned().size() == 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aPatternOfTheClientSubscribesToEveryTopicThatMatches(String protocol) {
        // Given
        String prefix = Clients.unique("pattern");
        List<String> topics = givenTopicsWithPrefix(prefix);
        Pattern pattern = Pattern.compile(prefix + "-(one|two)-.*");
        var observed = new Observed();
        // When
        try (var member = GroupMember.start(
                observed,
                member(Clients.unique("group"), protocol, Map.of()),
                (consumer, listener) -> consumer.subscribe(pattern, listener))) {
            // Then
            observed.await("a partition of each", () -> member.owned().size() == 2);
            assertThat(member.owned()).containsExactlyInAnyOrder(topics.get(0) + "-0", topics.get(1) + "-0");
        }
    }

    @Test
    void aPatternOfTheBrokerSubscribesToEveryTopicThatMatches() {
        // Given
        String prefix = Clients.unique("pattern");
        List<String> topics = givenTopicsWithPrefix(prefix);
        var pattern = new SubscriptionPattern(prefix + "-(one|two)-.*");
        var observed = new Observed();
        // When
        try (var member = GroupMember.start(
                observed,
                member(Clients.unique("group"), "consumer", Map.of()),
                (consumer, listener) -> consumer.subscribe(pattern, listener))) {
            // Then
            observed.await("a partition of each", () -> member.owned().size() == 2);
            assertThat(member.owned()).containsExactlyInAnyOrder(topics.get(0) + "-0", topics.get(1) + "-0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupAndItsOffsetsSurviveThatTheBrokerIsKilled(String protocol) {
        // Given
        String topic = clients.topic(2);
        String group = Clients.unique("group");
        produceToEach(topic, 2, 50);
        try (var consumer = member(group, protocol, Map.of("max.poll.records", 10))) {
            consumer.subscribe(List.of(topic));
            assertThat(atLeast(consumer, 60)).hasSize(60);
            consumer.commitSync();
            // When
            broker.kill();
            broker.start();
            // Then
            assertThat(atLeast(consumer, 40)).hasSize(40);
            consumer.commitSync();
        }
        produceToEach(topic, 2, 5);
        try (var next = member(group, protocol, Map.of())) {
            next.subscribe(List.of(topic));
            assertThat(atLeast(next, 10)).hasSize(10);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aMemberSeesPartitionsThatAreAddedToItsTopic(String protocol) {
        // Given
        String topic = clients.topic(1);
        var observed = new Observed();
        Map<String, ?> curious = Map.of("metadata.max.age.ms", 500);
        try (var member = GroupMember.start(observed, member(Clients.unique("group"), protocol, curious), topic);
                var admin = clients.admin()) {
            observed.await("the first partition", () -> member.owned().size() == 1);
            // When
            get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3)))
                    .all());
            // Then
            observed.await("all three", () -> member.owned().size() == 3);
        }
    }

    private static List<Long> lastOffsets(GroupMember member) {
        var last = new TreeMap<Integer, Long>();
        member.received().forEach(record -> last.put(record.partition(), record.offset()));
        return List.copyOf(last.values());
    }

    private List<String> givenTopicsWithPrefix(String prefix) {
        var names = Stream.of("one", "two", "three")
                .map(word -> prefix + "-" + word + "-topic")
                .toList();
        names.forEach(name -> clients.create(new NewTopic(name, 1, (short) 1)));
        return names;
    }

    private KafkaConsumer<String, String> staticMember(String group, String protocol, String instance) {
        return member(group, protocol, Map.of("group.instance.id", instance));
    }

    private KafkaConsumer<String, String> member(String group, String protocol, Map<String, ?> more) {
        var settings = new HashMap<String, Object>(more);
        settings.put("group.id", group);
        settings.put("group.protocol", protocol);
        settings.put("auto.offset.reset", "earliest");
        return clients.consumer(settings);
    }

    private void produceToEach(String topic, int partitions, int count) {
        try (var producer = clients.producer()) {
            for (int i = 0; i < count * partitions; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, null, Integer.toString(i)));
            }
        }
    }
}
