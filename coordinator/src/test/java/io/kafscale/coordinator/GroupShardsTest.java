package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.SHARDS;
import static io.kafscale.coordinator.TestBroker.await;
import static io.kafscale.coordinator.TestBroker.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.ThreadEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who coordinates which groups while brokers come and go. */
class GroupShardsTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 2);

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final ThreadEventLoop loop = new ThreadEventLoop("store", (name, failure) -> failures.add(failure));
    private final EmbeddedMetadataStore store = EmbeddedMetadataStore.inMemory(loop);
    private final TestNode.Registrations registrations = new TestNode.Registrations(store, 1);
    private final List<TestNode> nodes = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(TestNode::close);
        registrations.close();
        store.close();
        loop.close();
        assertThat(failures).isEmpty();
    }

    private TestNode start(int node) {
        TestNode started = TestNode.start(node, registrations, store.client(), ORDERS);
        nodes.add(started);
        return started;
    }

    private TestNode serving(int node) {
        TestNode started = start(node);
        await(started.shards.settled());
        started.serve();
        return started;
    }

    /** Waits until every shard is answered for by the broker that the plan names, and by nobody else. */
    private void untilThePlanIsFact(TestNode... alive) {
        List.of(alive).forEach(TestNode::catchUp);
        until("the plan is fact", () -> {
            LeadershipPlan plan = LeadershipPlan.of(alive[0].images.image());
            return IntStream.range(0, SHARDS).allMatch(shard -> {
                Optional<BrokerIncarnation> planned = plan.coordinatorOf(shard);
                return List.of(alive).stream()
                        .allMatch(node -> node.host.isActive(shard)
                                == planned.filter(node.incarnation::equals).isPresent());
            });
        });
    }

    private String groupOf(int shard, TestNode node) {
        return IntStream.range(0, 1000)
                .mapToObj(i -> "g" + i)
                .filter(group -> node.host.operations().shardOf(group) == shard)
                .findFirst()
                .orElseThrow();
    }

    /** A shard that moves to {@code to} when it begins to serve. */
    private int shardFor(TestNode to) {
        LeadershipPlan plan = LeadershipPlan.of(to.images.image());
        return IntStream.range(0, SHARDS)
                .filter(shard ->
                        plan.coordinatorOf(shard).filter(to.incarnation::equals).isPresent())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aBrokerAloneTakesEveryShardBeforeItServes() {
        TestNode one = start(1);
        await(one.shards.settled());
        assertThat(one.active()).isEqualTo(SHARDS);
    }

    @Test
    void whoJoinsIsHandedItsSharesOnceItServesAndNoMemberNotices() {
        TestNode one = serving(1);
        List<String> groups = IntStream.range(0, SHARDS)
                .mapToObj(shard -> groupOf(shard, one))
                .toList();
        List<JoinGroupResponseData> members = new ArrayList<>();
        for (String group : groups) {
            JoinGroupResponseData member = await(one.joinFresh(group));
            await(one.sync(group, member, List.of(member.memberId())));
            assertThat(await(one.commit(group, member.memberId(), member.generationId(), ORDERS, 0, 7)))
                    .isEqualTo(Errors.NONE);
            members.add(member);
        }
        TestNode two = start(2);
        await(two.shards.settled());
        assertThat(two.active())
                .as("whoever starts takes nothing from one who serves")
                .isZero();

        two.serve();
        untilThePlanIsFact(one, two);
        assertThat(two.active()).isPositive().isLessThan(SHARDS);
        await(one.shards.settled());
        await(two.shards.settled());
        for (int shard = 0; shard < SHARDS; shard++) {
            TestNode now = one.host.isActive(shard) ? one : two;
            TestNode other = now == one ? two : one;
            JoinGroupResponseData member = members.get(shard);
            assertThat(now.heartbeat(groups.get(shard), member.memberId(), member.generationId()))
                    .isEqualTo(Errors.NONE);
            assertThat(now.committed(groups.get(shard), ORDERS, 0)).isEqualTo(7);
            assertThat(other.heartbeat(groups.get(shard), member.memberId(), member.generationId()))
                    .isEqualTo(Errors.NOT_COORDINATOR);
        }
        assertThat(one.losses).isEmpty();
    }

    @Test
    void whoDrainsHandsEverythingOver() {
        TestNode one = serving(1);
        TestNode two = serving(2);
        untilThePlanIsFact(one, two);
        one.drain();
        untilThePlanIsFact(one, two);
        await(one.shards.settled());
        assertThat(one.active()).isZero();
        assertThat(two.active()).isEqualTo(SHARDS);
        one.serve();
        untilThePlanIsFact(one, two);
        assertThat(one.active()).isPositive();
    }

    @Test
    void theLastOneKeepsItsShardsThoughItDrains() {
        TestNode one = serving(1);
        TestNode two = start(2);
        await(two.shards.settled());
        one.drain();
        one.catchUp();
        await(one.shards.settled());
        assertThat(one.active()).isEqualTo(SHARDS);
        two.serve();
        untilThePlanIsFact(one, two);
        assertThat(two.active()).isEqualTo(SHARDS);
    }

    @Test
    void theDeadAreInheritedFromOnceTheirStreamIsSealed() {
        TestNode one = serving(1);
        TestNode two = serving(2);
        untilThePlanIsFact(one, two);
        int shard = shardFor(one);
        String group = groupOf(shard, one);
        assertThat(await(one.commit(group, ORDERS, 0, 3))).isEqualTo(Errors.NONE);
        one.shards.stop();
        one.dropRegistration();
        untilThePlanIsFact(two);
        assertThat(two.images.image().isOver(one.incarnation)).isTrue();
        assertThat(two.committed(group, ORDERS, 0)).isEqualTo(3);
        assertThat(await(one.commit(group, ORDERS, 0, 4)))
                .as("a zombie's write")
                .isEqualTo(Errors.NOT_COORDINATOR);
        one.mayAnswer = false;
        assertThat(one.fetch(group, ORDERS, List.of(1), false).errorCode())
                .as("a zombie's answer")
                .isEqualTo(Errors.NOT_COORDINATOR.code());
        assertThat(two.committed(group, ORDERS, 0)).isEqualTo(3);
    }

    @Test
    void whoLearnsThatItWasDeposedGivesUpAtOnceWithoutAWrite() {
        TestNode one = serving(1);
        TestNode two = serving(2);
        untilThePlanIsFact(one, two);
        one.dropRegistration();
        untilThePlanIsFact(two);
        until("the deposed holds nothing", () -> one.active() == 0);
        assertThat(one.losses).as("it was told by the image, not by a write").isEmpty();
    }

    @Test
    void whoBecomesAnotherIncarnationTakesItsShardsBackAsThatOne() {
        TestNode one = serving(1);
        String group = groupOf(0, one);
        assertThat(await(one.commit(group, ORDERS, 0, 9))).isEqualTo(Errors.NONE);
        BrokerIncarnation first = one.incarnation;
        one.dropRegistration();
        await(registrations.seal(first));
        one.restart();
        untilThePlanIsFact(one);
        for (int shard = 0; shard < SHARDS; shard++) {
            int number = shard;
            until(
                    "the image shows it",
                    () -> one.images
                            .image()
                            .coordinator(number)
                            .orElseThrow()
                            .value()
                            .is(one.incarnation));
        }
        assertThat(one.committed(group, ORDERS, 0)).isEqualTo(9);
        assertThat(one.incarnation).isNotEqualTo(first);
    }
}
