package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.await;
import static io.kafscale.coordinator.TestBroker.context;
import static io.kafscale.coordinator.TestBroker.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OffsetsTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 2_000);
    private static final GroupTopic ORDERS_AGAIN = new GroupTopic(Uuid.randomUuid(), "orders", 2_000);
    private static final GroupTopic BILLS = new GroupTopic(Uuid.randomUuid(), "bills", 1);

    private final MemoryMetadataStore memory = new MemoryMetadataStore();
    private final HeldStore store = new HeldStore(memory);
    private final ManualClock clock = new ManualClock();
    private TestBroker broker = start(1, 1, ORDERS, BILLS);

    private TestBroker start(int node, long revision, GroupTopic... topics) {
        TestBroker started = TestBroker.start(node, store, clock);
        started.publish(revision, topics);
        started.acquireAll();
        return started;
    }

    @AfterEach
    void close() {
        broker.close();
    }

    private List<String> records() {
        return memory.list("/kafscale/test/groups/").keys().stream()
                .map(key -> key.key())
                .filter(key -> key.contains("/r/") || key.contains("/w/"))
                .toList();
    }

    @Test
    void whatWasNeverCommittedIsMinusOne() {
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(-1);
        assertThat(await(broker.commit("g", ORDERS, 0, 0))).isEqualTo(Errors.NONE);
        assertThat(broker.committed("g", ORDERS, 0)).isZero();
        assertThat(broker.committed("g", ORDERS, 1)).isEqualTo(-1);
    }

    @Test
    void allOffsetsOfAGroupAreFetched() {
        await(broker.commit("g", ORDERS, 3, 33));
        await(broker.commit("g", BILLS, 0, 44));
        var all = await(broker.host
                .operations()
                .fetchOffsets(
                        context(ApiKeys.OFFSET_FETCH),
                        new OffsetFetchRequestGroup().setGroupId("g").setTopics(null),
                        false));
        assertThat(all.topics().stream().map(topic -> topic.name())).containsExactlyInAnyOrder("orders", "bills");
    }

    @Test
    void aCommitIsNeitherAnsweredNorSeenBeforeItIsStored() throws Exception {
        store.holdCommits();
        var commit = broker.commit("g", ORDERS, 0, 7);
        HeldStore.Call underWay = store.take();
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(-1);
        assertThat(commit).isNotDone();
        underWay.answer();
        assertThat(await(commit)).isEqualTo(Errors.NONE);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(7);
    }

    @Test
    void aStoreThatDoesNotAnswerIsNotWaitedForForEver() throws Exception {
        store.holdCommits();
        var commit = broker.commit("g", ORDERS, 0, 7);
        HeldStore.Call underWay = store.take();
        until("the write times out", () -> {
            clock.advanceClock(1_000);
            return commit.isDone();
        });
        assertThat(await(commit)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        underWay.answer();
        until("the write has landed after all", () -> broker.committed("g", ORDERS, 0) == 7);
    }

    @Test
    void anOffsetIsDeleted() {
        await(broker.commit("g", ORDERS, 0, 7));
        await(broker.commit("g", ORDERS, 1, 8));
        var request = new OffsetDeleteRequestData().setGroupId("g");
        request.topics()
                .add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic()
                        .setName("orders")
                        .setPartitions(List.of(
                                new OffsetDeleteRequestData.OffsetDeleteRequestPartition().setPartitionIndex(0))));
        var answer = await(broker.host.operations().deleteOffsets(context(ApiKeys.OFFSET_DELETE), request));
        assertThat(answer.errorCode()).isZero();
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(-1);
        assertThat(broker.committed("g", ORDERS, 1)).isEqualTo(8);
    }

    @Test
    void offsetsOfAnEmptyGroupExpireAndTheGroupWithThem() {
        await(broker.commit("g", ORDERS, 0, 7));
        assertThat(records()).isNotEmpty();
        clock.advanceClock(Duration.ofDays(6).toMillis());
        await(broker.commit("other", ORDERS, 0, 7));
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(7);
        clock.advanceClock(Duration.ofDays(1).plusHours(1).toMillis());
        until("the offset has expired", () -> {
            clock.advanceClock(Duration.ofMinutes(10).toMillis());
            return broker.committed("g", ORDERS, 0) == -1;
        });
        assertThat(broker.committed("other", ORDERS, 0)).isEqualTo(7);
        assertThat(records()).noneMatch(key -> key.contains("%01g"));
    }

    @Test
    void aDeletedTopicTakesItsOffsetsAlong() {
        await(broker.commit("g", ORDERS, 0, 7));
        await(broker.commit("g", BILLS, 0, 8));
        broker.publish(2, BILLS);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(-1);
        assertThat(broker.committed("g", BILLS, 0)).isEqualTo(8);
        assertThat(records()).noneMatch(key -> key.contains("orders"));
    }

    @Test
    void aTopicDeletedAndCreatedAgainInOneStepStartsWithoutOffsets() {
        await(broker.commit("g", ORDERS, 0, 7));
        broker.publish(2, BILLS, ORDERS_AGAIN);
        assertThat(broker.committed("g", ORDERS_AGAIN, 0)).isEqualTo(-1);
        assertThat(records()).noneMatch(key -> key.contains("orders"));
        await(broker.commit("g", ORDERS_AGAIN, 0, 1));
        assertThat(broker.committed("g", ORDERS_AGAIN, 0)).isEqualTo(1);
    }

    @Test
    void aTopicDeletedWhileNobodyOwnedTheShardTakesItsOffsetsAlong() {
        await(broker.commit("g", ORDERS, 0, 7));
        await(broker.commit("g", BILLS, 0, 8));
        broker.close();
        broker = start(2, memory.revision(), BILLS, ORDERS_AGAIN);
        until("the offsets are dropped", () -> records().stream().noneMatch(key -> key.contains("orders")));
        assertThat(broker.committed("g", ORDERS_AGAIN, 0)).isEqualTo(-1);
        assertThat(broker.committed("g", BILLS, 0)).isEqualTo(8);
    }

    @Test
    void aTopicThatIsNewerThanTheKnownOnesKeepsItsOffsets() {
        await(broker.commit("g", ORDERS, 0, 7));
        broker.close();
        broker = start(2, 0, BILLS);
        broker.publish(0, BILLS);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(7);
        broker.publish(memory.revision(), BILLS, ORDERS);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(7);
        broker.publish(memory.revision(), BILLS);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(-1);
    }

    @Test
    void aCommitOfAThousandPartitionsIsStoredWholeOrNotAtAll() throws Exception {
        List<Integer> partitions = IntStream.range(0, 1_000).boxed().toList();
        assertThat(await(broker.commitAll("g", "", -1, ORDERS, partitions, 1)).topics())
                .hasSize(1);
        until("it is spread", () -> records().stream().noneMatch(key -> key.contains("/w/")));
        store.holdCommits();
        var commit = broker.commitAll("g", "", -1, ORDERS, partitions, 2);
        for (int answered = 0; ; answered++) {
            HeldStore.Call call = store.take();
            call.answer();
            if (answered == 3) {
                break;
            }
        }
        assertThat(await(commit).topics().getFirst().partitions()).allMatch(partition -> partition.errorCode() == 0);
        assertThat(records()).as("cut while it was spread").anyMatch(key -> key.contains("/w/"));

        store.hold(call -> false);
        try (TestBroker dead = broker) {
            broker = start(2, 2, ORDERS, BILLS);
            assertThat(dead.losses).isEmpty();
            var fetched = broker.fetch("g", ORDERS, partitions, true);
            assertThat(fetched.topics().getFirst().partitions()).hasSize(1_000).allMatch(p -> p.committedOffset() == 2);
            until("the new owner has spread it", () -> records().stream().noneMatch(key -> key.contains("/w/")));
            store.letGo();
        }
        assertThat(broker.fetch("g", ORDERS, partitions, true)
                        .topics()
                        .getFirst()
                        .partitions())
                .allMatch(p -> p.committedOffset() == 2);
    }

    @Test
    void aLargeCommitCutBeforeItsWriteAheadValueIsNotThere() throws Exception {
        List<Integer> partitions = IntStream.range(0, 1_000).boxed().toList();
        await(broker.commitAll("g", "", -1, ORDERS, partitions, 1));
        until("it is spread", () -> records().stream().noneMatch(key -> key.contains("/w/")));
        store.holdCommits();
        var commit = broker.commitAll("g", "", -1, ORDERS, partitions, 2);
        HeldStore.Call never = store.take();
        store.hold(call -> false);
        try (TestBroker dead = broker) {
            broker = start(2, 2, ORDERS, BILLS);
            never.answer();
            assertThat(broker.fetch("g", ORDERS, partitions, true)
                            .topics()
                            .getFirst()
                            .partitions())
                    .hasSize(1_000)
                    .allMatch(p -> p.committedOffset() == 1);
            assertThat(await(commit).topics().getFirst().partitions())
                    .allMatch(partition -> partition.errorCode() == Errors.NOT_COORDINATOR.code());
            until("the dead broker knows", () -> dead.losses.size() == 1);
        }
    }

    @Test
    void answersToNamesAreWrittenInEveryVersionThatHasNoIds() {
        var commit = await(broker.commitAll("g", "", -1, ORDERS, List.of(0), 5));
        var fetch = broker.fetch("g", ORDERS, List.of(0), false);
        for (short version = 2; version <= 9; version++) {
            assertThat(MessageUtil.toByteBufferAccessor(commit, version)
                            .buffer()
                            .remaining())
                    .isPositive();
        }
        assertThat(fetch.topics().getFirst().topicId()).isEqualTo(ORDERS.id());
        for (short version = 8; version <= 9; version++) {
            var answer = new OffsetFetchResponseData().setGroups(List.of(fetch));
            assertThat(MessageUtil.toByteBufferAccessor(answer, version)
                            .buffer()
                            .remaining())
                    .isPositive();
        }
    }
}
