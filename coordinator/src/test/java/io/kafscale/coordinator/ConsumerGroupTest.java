package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.await;
import static io.kafscale.coordinator.TestBroker.context;
import static io.kafscale.coordinator.TestBroker.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsumerGroupTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 4);

    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private TestBroker broker = TestBroker.leader(1, store, ORDERS);

    @AfterEach
    void close() {
        broker.close();
    }

    /** A KIP-848 member that does what it is told. */
    private final class Member {
        final String id = Uuid.randomUuid().toString();
        final String group;
        int epoch;
        Set<String> owned = new TreeSet<>();
        int assignmentsReceived;
        private final ConsumerGroupHeartbeatRequestData subscription;
        private boolean joined;
        private List<TopicPartitions> acknowledge = List.of();

        Member(String group, @Nullable String regex, String... topics) {
            this.group = group;
            subscription = new ConsumerGroupHeartbeatRequestData()
                    .setSubscribedTopicNames(regex == null ? List.of(topics) : null)
                    .setSubscribedTopicRegex(regex);
        }

        Errors beat() {
            var request = new ConsumerGroupHeartbeatRequestData()
                    .setGroupId(group)
                    .setMemberId(id)
                    .setMemberEpoch(epoch);
            if (!joined) {
                request.setRebalanceTimeoutMs(30_000)
                        .setSubscribedTopicNames(subscription.subscribedTopicNames())
                        .setSubscribedTopicRegex(subscription.subscribedTopicRegex());
            }
            request.setTopicPartitions(acknowledge);
            ConsumerGroupHeartbeatResponseData answer = await(broker.host
                    .operations()
                    .consumerGroupHeartbeat(context(ApiKeys.CONSUMER_GROUP_HEARTBEAT), request));
            if (answer.errorCode() != 0) {
                return Errors.forCode(answer.errorCode());
            }
            joined = true;
            epoch = answer.memberEpoch();
            if (answer.assignment() != null) {
                assignmentsReceived++;
                var partitions = answer.assignment().topicPartitions();
                owned = partitions.stream()
                        .flatMap(topic ->
                                topic.partitions().stream().map(partition -> topic.topicId() + "-" + partition))
                        .collect(Collectors.toCollection(TreeSet::new));
                acknowledge = partitions.stream()
                        .map(topic -> new TopicPartitions()
                                .setTopicId(topic.topicId())
                                .setPartitions(topic.partitions()))
                        .toList();
            }
            return Errors.NONE;
        }

        Member owning(int partitions) {
            until("a member of " + group + " owns " + partitions + " partitions", () -> {
                assertThat(beat()).isEqualTo(Errors.NONE);
                return owned.size() == partitions;
            });
            return this;
        }
    }

    private static void owning(int each, Member... members) {
        until("each member owns " + each, () -> {
            boolean all = true;
            for (Member member : members) {
                assertThat(member.beat()).isEqualTo(Errors.NONE);
                all &= member.owned.size() == each;
            }
            return all;
        });
    }

    @Test
    void twoMembersShareATopicAndOneTakesAllWhenTheOtherLeaves() {
        Member first = new Member("g", null, "orders").owning(4);
        Member second = new Member("g", null, "orders");
        owning(2, first, second);
        var all = new TreeSet<>(first.owned);
        all.addAll(second.owned);
        assertThat(all).hasSize(4);
        second.epoch = -1;
        second.beat();
        first.owning(4);
    }

    @Test
    void offsetsAreCommittedUnderTheMembersEpochOnly() {
        Member member = new Member("g", null, "orders").owning(4);
        assertThat(await(broker.commit("g", member.id, member.epoch, ORDERS, 1, 7)))
                .isEqualTo(Errors.NONE);
        assertThat(await(broker.commit("g", member.id, member.epoch + 5, ORDERS, 1, 8)))
                .isEqualTo(Errors.STALE_MEMBER_EPOCH);
        assertThat(broker.committed("g", ORDERS, 1)).isEqualTo(7);
    }

    @Test
    void aGrownTopicIsAssigned() {
        Member member = new Member("g", null, "orders").owning(4);
        broker.publish(2, new GroupTopic(ORDERS.id(), "orders", 6));
        member.owning(6);
    }

    @Test
    void aPatternFindsTopicsThatAreThereAndThatAreCreated() {
        ManualClock clock = new ManualClock();
        try (TestBroker replaced = broker) {
            broker = TestBroker.start(2, store, clock);
            broker.publish(1, ORDERS);
            broker.acquireAll();
            assertThat(replaced.host.isActive(0)).as("nobody told it yet").isTrue();
        }
        Member member = new Member("g", "ord.*").owning(4);
        broker.publish(
                2,
                ORDERS,
                new GroupTopic(Uuid.randomUuid(), "ordinary", 3),
                new GroupTopic(Uuid.randomUuid(), "other", 9));
        // Kafka looks for new topics of a pattern every ten seconds at most.
        until("the new topic is found", () -> {
            clock.advanceClock(1_000);
            member.beat();
            return member.owned.size() == 7;
        });
    }

    @Test
    void aDeletedTopicIsTakenAway() {
        Member member = new Member("g", null, "orders").owning(4);
        broker.publish(2);
        member.owning(0);
    }

    @Test
    void heartbeatsOfASettledGroupWriteNothing() {
        Member member = new Member("g", null, "orders").owning(4);
        member.beat();
        long before = store.commits();
        for (int i = 0; i < 100; i++) {
            assertThat(member.beat()).isEqualTo(Errors.NONE);
        }
        assertThat(store.commits()).isEqualTo(before);
    }

    @Test
    void theGroupMovesToAnotherBrokerWithoutARebalance() {
        Member first = new Member("g", null, "orders");
        Member second = new Member("g", null, "orders");
        owning(2, first, second);
        assertThat(await(broker.commit("g", first.id, first.epoch, ORDERS, 0, 40)))
                .isEqualTo(Errors.NONE);
        first.beat();
        second.beat();
        int epoch = first.epoch;
        int assignments = first.assignmentsReceived + second.assignmentsReceived;
        try (TestBroker dead = broker) {
            broker = TestBroker.leader(2, store, ORDERS);
            for (int i = 0; i < 5; i++) {
                assertThat(first.beat()).isEqualTo(Errors.NONE);
                assertThat(second.beat()).isEqualTo(Errors.NONE);
            }
            assertThat(first.epoch).isEqualTo(epoch).isEqualTo(second.epoch);
            assertThat(first.assignmentsReceived + second.assignmentsReceived)
                    .as("a member that is not told anything new keeps what it has")
                    .isEqualTo(assignments);
            assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(40);
            assertThat(await(broker.commit("g", second.id, second.epoch, ORDERS, 0, 41)))
                    .isEqualTo(Errors.NONE);
            assertThat(await(dead.commit("g", first.id, epoch, ORDERS, 0, 39))).isEqualTo(Errors.NOT_COORDINATOR);
        }
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(41);
    }

    @Test
    void groupsAreDescribed() {
        new Member("g", null, "orders").owning(4);
        var described = await(
                broker.host.operations().consumerGroupDescribe(context(ApiKeys.CONSUMER_GROUP_DESCRIBE), List.of("g")));
        assertThat(described).singleElement().satisfies(group -> {
            assertThat(group.groupState()).isEqualTo("Stable");
            assertThat(group.members()).hasSize(1);
        });
    }

    @Test
    void manyMembersOfALargeTopicSettle() {
        GroupTopic large = new GroupTopic(Uuid.randomUuid(), "large", 400);
        broker.publish(2, ORDERS, large);
        Member[] members = IntStream.range(0, 20)
                .mapToObj(i -> new Member("g", null, "large"))
                .toArray(Member[]::new);
        owning(20, members);
    }
}
