package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.await;
import static io.kafscale.coordinator.TestBroker.context;
import static io.kafscale.coordinator.TestBroker.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.MetadataKeys;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Shards that are taken, given up, lost and taken back, with Kafka's runtime. */
class ShardLifeTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 2);

    private final MemoryMetadataStore memory = new MemoryMetadataStore();
    private final HeldStore store = new HeldStore(memory);
    private final TestBroker broker = TestBroker.leader(1, store, ORDERS);
    private final int shard = broker.host.operations().shardOf("g");
    private final ShardKeys keys = ShardKeys.of(new MetadataKeys("test"), shard);

    @AfterEach
    void close() {
        store.letGo();
        broker.close();
    }

    private Errors commit(TestBroker on, long offset) {
        return await(on.commit("g", ORDERS, 0, offset));
    }

    private long partitions(String state) {
        return broker.host.metrics().metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("num-partitions")
                        && state.equals(metric.metricName().tags().get("state")))
                .mapToLong(metric -> ((Number) metric.metricValue()).longValue())
                .sum();
    }

    @Test
    void aClassicGroupSurvivesARestartWithMembersGenerationAndOffsets() {
        JoinGroupResponseData member = await(broker.joinFresh("g"));
        await(broker.sync("g", member, List.of(member.memberId())));
        assertThat(await(broker.commit("g", member.memberId(), member.generationId(), ORDERS, 0, 12)))
                .isEqualTo(Errors.NONE);
        broker.host.close();
        try (TestBroker restarted = TestBroker.leader(1, store, ORDERS)) {
            assertThat(restarted.heartbeat("g", member.memberId(), member.generationId()))
                    .isEqualTo(Errors.NONE);
            assertThat(restarted.committed("g", ORDERS, 0)).isEqualTo(12);
            assertThat(await(restarted.sync("g", member, List.of())).errorCode())
                    .isZero();
            assertThat(await(restarted.commit("g", member.memberId(), member.generationId(), ORDERS, 0, 13)))
                    .isEqualTo(Errors.NONE);
        }
    }

    @Test
    void aReleasedShardAnswersNotCoordinatorAndTheOthersGoOn() {
        assertThat(commit(broker, 1)).isEqualTo(Errors.NONE);
        await(broker.host.release(shard));
        assertThat(broker.host.isActive(shard)).isFalse();
        assertThat(commit(broker, 2)).isEqualTo(Errors.NOT_COORDINATOR);
        assertThat(Errors.forCode(broker.fetch("g", ORDERS, List.of(0), false).errorCode()))
                .isEqualTo(Errors.NOT_COORDINATOR);
        assertThat(broker.heartbeat("g", "m", 1)).isEqualTo(Errors.NOT_COORDINATOR);
        String other = List.of("a", "b", "c", "d").stream()
                .filter(group -> broker.host.operations().shardOf(group) != shard)
                .findFirst()
                .orElseThrow();
        assertThat(await(broker.commit(other, ORDERS, 0, 3))).isEqualTo(Errors.NONE);
    }

    @Test
    void aShardTakenBackIsLoadedAgain() {
        assertThat(commit(broker, 1)).isEqualTo(Errors.NONE);
        await(broker.host.release(shard));
        try (TestBroker other = TestBroker.start(2, store)) {
            other.publish(1, ORDERS);
            await(other.acquire(shard));
            assertThat(commit(other, 2)).isEqualTo(Errors.NONE);
            await(other.host.release(shard));
        }
        await(broker.acquire(shard));
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(2);
        assertThat(commit(broker, 3)).isEqualTo(Errors.NONE);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(3);
    }

    @Test
    void acquiringAShardThatWasTakenSilentlyTakesItBack() {
        try (TestBroker other = TestBroker.leader(2, store, ORDERS)) {
            assertThat(commit(other, 5)).isEqualTo(Errors.NONE);
            assertThat(commit(broker, 4)).isEqualTo(Errors.NOT_COORDINATOR);
            until("the loss is reported", () -> broker.losses.size() == 1);
            await(broker.acquire(shard));
            assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(5);
        }
    }

    @Test
    void whatIsParkedWhenAnotherOwnerFencesUsIsNotCoordinator() throws Exception {
        store.holdCommits();
        CompletableFuture<Errors> first = broker.commit("g", ORDERS, 0, 1);
        HeldStore.Call underWay = store.take();
        CompletableFuture<Errors> second = broker.commit("g", ORDERS, 1, 1);
        store.hold(call -> false);
        try (TestBroker other = TestBroker.leader(2, store, ORDERS)) {
            underWay.answer();
            assertThat(await(first)).isEqualTo(Errors.NOT_COORDINATOR);
            assertThat(await(second)).isEqualTo(Errors.NOT_COORDINATOR);
            assertThat(other.committed("g", ORDERS, 0)).isEqualTo(-1);
        }
    }

    @Test
    void whileAShardIsLoadedNothingIsWrittenAndClientsAreToldToWait() throws Exception {
        await(broker.host.release(shard));
        store.hold(call -> call.kind == HeldStore.Kind.RANGE);
        var acquired = broker.acquire(shard);
        HeldStore.Call range = store.take();
        long before = memory.commits();
        assertThat(commit(broker, 1)).isEqualTo(Errors.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(Errors.forCode(broker.fetch("g", ORDERS, List.of(0), false).errorCode()))
                .isEqualTo(Errors.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(memory.commits()).isEqualTo(before);
        range.answer();
        await(acquired);
        assertThat(commit(broker, 1)).isEqualTo(Errors.NONE);
    }

    @Test
    void aLoadIsTriedUntilTheStoreAnswers() throws Exception {
        assertThat(commit(broker, 1)).isEqualTo(Errors.NONE);
        await(broker.host.release(shard));
        store.hold(call -> call.kind == HeldStore.Kind.RANGE);
        var acquired = broker.acquire(shard);
        for (int i = 0; i < 3; i++) {
            store.take().fail(Kind.UNAVAILABLE);
        }
        store.take().answer();
        await(acquired);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(1);
    }

    @Test
    void aShardReleasedWhileItIsLoadedIsGivenUpAndCanBeTakenAgain() throws Exception {
        assertThat(commit(broker, 1)).isEqualTo(Errors.NONE);
        await(broker.host.release(shard));
        for (int i = 0; i < 5; i++) {
            store.hold(call -> call.kind == HeldStore.Kind.RANGE);
            var acquired = broker.acquire(shard);
            HeldStore.Call stale = store.take();
            await(broker.host.release(shard));
            assertThat(acquired).isCompletedExceptionally();
            assertThat(commit(broker, 9)).isEqualTo(Errors.NOT_COORDINATOR);
            store.hold(call -> false);
            await(broker.acquire(shard));
            stale.answer();
            assertThat(commit(broker, i)).isEqualTo(Errors.NONE);
            await(broker.host.release(shard));
        }
        // The runtime counts a shard out just after it has dropped it.
        until("the runtime counts one shard less", () -> partitions("active") == TestBroker.SHARDS - 1);
        assertThat(partitions("loading")).isZero();
    }

    @Test
    void aShardThatCannotBeReadFailsItsAcquisitionAndNoOther() {
        await(broker.host.release(shard));
        memory.apply(Transaction.builder()
                .put(keys.recordPrefix() + "1/%00%01g", Bytes.utf8("far too short a record of an offset"))
                .build());
        var acquired = broker.acquire(shard);
        until("the load has failed", acquired::isDone);
        assertThat(acquired.exceptionNow())
                .isInstanceOf(ShardLostException.class)
                .hasMessageContaining("cannot be loaded");
        assertThat(commit(broker, 1)).isEqualTo(Errors.NOT_COORDINATOR);
        memory.apply(
                Transaction.builder().delete(keys.recordPrefix() + "1/%00%01g").build());
        await(broker.acquire(shard));
        assertThat(commit(broker, 1)).isEqualTo(Errors.NONE);
    }

    @Test
    void recordsOfANewerVersionAreLeftAlone() {
        assertThat(commit(broker, 1)).isEqualTo(Errors.NONE);
        await(broker.host.release(shard));
        memory.apply(Transaction.builder()
                .put(keys.recordPrefix() + "32000/new", Bytes.utf8("offset 8 and what not"))
                .build());
        await(broker.acquire(shard));
        assertThat(commit(broker, 2)).isEqualTo(Errors.NONE);
        assertThat(memory.read(keys.recordPrefix() + "32000/new")).isPresent();
    }

    @Test
    void aBrokerThatMayHaveLostItsLeaseGivesNoAnswerThatNoWriteBacks() {
        JoinGroupResponseData member = await(broker.joinFresh("g"));
        await(broker.sync("g", member, List.of(member.memberId())));
        broker.mayAnswer = false;
        assertThat(broker.heartbeat("g", member.memberId(), member.generationId()))
                .isEqualTo(Errors.NOT_COORDINATOR);
        for (boolean stable : new boolean[] {true, false}) {
            assertThat(Errors.forCode(
                            broker.fetch("g", ORDERS, List.of(0), stable).errorCode()))
                    .isEqualTo(Errors.NOT_COORDINATOR);
        }
        var operations = broker.host.operations();
        assertThat(await(operations.describeGroups(context(ApiKeys.DESCRIBE_GROUPS), List.of("g")))
                        .getFirst()
                        .errorCode())
                .isEqualTo(Errors.NOT_COORDINATOR.code());
        assertThat(await(operations.listGroups(context(ApiKeys.LIST_GROUPS), new ListGroupsRequestData()))
                        .errorCode())
                .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());
        assertThat(await(broker.join("g", member.memberId(), null)).errorCode())
                .isEqualTo(Errors.NOT_COORDINATOR.code());
        assertThat(await(operations.deleteGroups(context(ApiKeys.DELETE_GROUPS), List.of("g")))
                        .find("g")
                        .errorCode())
                .isEqualTo(Errors.NOT_COORDINATOR.code());
        assertThat(await(broker.commit("g", "nobody", 1, ORDERS, 0, 5)))
                .as("a refusal may be of a stale generation")
                .isEqualTo(Errors.NOT_COORDINATOR);
        assertThat(await(broker.commit("other", ORDERS, 0, 5)))
                .as("what was stored needs no other proof")
                .isEqualTo(Errors.NONE);
        broker.mayAnswer = true;
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(-1);
    }

    @Test
    void aReleaseAnswersTheCommitsItHasTaken() throws Exception {
        store.holdCommits();
        var commit = broker.commit("g", ORDERS, 0, 1);
        HeldStore.Call underWay = store.take();
        var released = broker.host.release(shard);
        until("it takes no more", () -> !broker.host.isActive(shard));
        store.hold(call -> false);
        underWay.answer();
        await(released);
        assertThat(await(commit)).isIn(Errors.NONE, Errors.NOT_COORDINATOR);
        assertThat(ShardSnapshot.of(keys, memory.list(keys.prefix())).records()).hasSize(1);
    }

    @Test
    void closingWhileTheStoreIsDeadEndsInTime() throws Exception {
        store.holdCommits();
        var commit = broker.commit("g", ORDERS, 0, 1);
        store.take();
        broker.host.close();
        assertThat(await(commit)).isIn(Errors.NOT_COORDINATOR, Errors.COORDINATOR_NOT_AVAILABLE);
    }
}
