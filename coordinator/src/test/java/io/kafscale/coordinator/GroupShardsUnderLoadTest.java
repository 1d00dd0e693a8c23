package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.SHARDS;
import static io.kafscale.coordinator.TestBroker.await;
import static io.kafscale.coordinator.TestBroker.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.ThreadEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/**
 * Members of groups commit and beat without a pause while brokers drain, die and come back, over a store whose answers get lost, come
 * late or come twice. Whatever moves: no member is forgotten, no acknowledged offset is lost, none is seen to go back.
 */
class GroupShardsUnderLoadTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 8);
    private static final int BROKERS = 3;
    private static final int GROUPS = 24;
    private static final Duration LENGTH = Duration.ofSeconds(6);

    private final List<TestNode> nodes = new ArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Map<Errors, LongAdder> answers = new ConcurrentHashMap<>();
    private final AtomicBoolean stop = new AtomicBoolean();

    /** What the client of a group knows: its offset is at least what was acknowledged and at most what was sent. */
    private static final class Member {
        final String group;
        final int shard;
        JoinGroupResponseData joined = new JoinGroupResponseData();
        long acknowledged;
        long sent;

        Member(String group, int shard) {
            this.group = group;
            this.shard = shard;
        }
    }

    @Test
    void noMemberAndNoAcknowledgedOffsetIsLost() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        try (var loop = new ThreadEventLoop("store", (name, failure) -> failures.add(failure));
                var store = EmbeddedMetadataStore.inMemory(loop);
                var registrations = new TestNode.Registrations(store, random.nextLong());
                var faulty = new FaultyStore(store, random.nextLong(), 0.02, 1_000)) {
            for (int node = 1; node <= BROKERS; node++) {
                TestNode started = TestNode.start(node, registrations, faulty, ORDERS);
                nodes.add(started);
                await(started.shards.settled());
                started.serve();
            }
            untilThePlanIsFact();
            List<Member> members =
                    IntStream.range(0, GROUPS).mapToObj(i -> join("group-" + i)).toList();
            List<Thread> clients = members.stream()
                    .map(member -> Thread.ofVirtual().start(() -> goOn(member)))
                    .toList();
            long before = moves();
            stir(random.split());
            stop.set(true);
            for (Thread client : clients) {
                client.join();
            }
            nodes.forEach(TestNode::serve);
            untilThePlanIsFact();
            System.out.println(moves() - before + " moves, " + answers);
            assertThat(failures).as("seed %d", seed).isEmpty();
            assertThat(moves() - before).as("moves, seed %d", seed).isGreaterThan(100);
            members.forEach(this::check);
            nodes.forEach(TestNode::close);
        }
        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(answers.keySet())
                .as("seed %d", seed)
                .isSubsetOf(Errors.NONE, Errors.NOT_COORDINATOR, Errors.COORDINATOR_LOAD_IN_PROGRESS);
    }

    /** How often shards have been taken so far. */
    private long moves() {
        nodes.getFirst().catchUp();
        return IntStream.range(0, SHARDS)
                .mapToLong(shard -> nodes.getFirst()
                        .images
                        .image()
                        .coordinator(shard)
                        .orElseThrow()
                        .value()
                        .epoch())
                .sum();
    }

    private void untilThePlanIsFact() {
        nodes.forEach(TestNode::catchUp);
        until("the plan is fact", () -> {
            LeadershipPlan plan = LeadershipPlan.of(nodes.getFirst().images.image());
            return IntStream.range(0, SHARDS)
                    .allMatch(shard -> nodes.stream()
                            .allMatch(node -> node.host.isActive(shard)
                                    == plan.coordinatorOf(shard)
                                            .filter(node.incarnation::equals)
                                            .isPresent()));
        });
    }

    private TestNode active(int shard) {
        return nodes.stream()
                .filter(node -> node.host.isActive(shard))
                .findFirst()
                .orElseGet(nodes::getFirst);
    }

    private Member join(String group) {
        var member = new Member(group, nodes.getFirst().host.operations().shardOf(group));
        TestNode coordinator = active(member.shard);
        member.joined = await(coordinator.joinFresh(group));
        await(coordinator.sync(group, member.joined, List.of(member.joined.memberId())));
        return member;
    }

    private void goOn(Member member) {
        try {
            var random = new SplittableRandom(member.group.hashCode());
            while (!stop.get()) {
                boolean wrong = random.nextInt(10) == 0;
                TestNode asked = wrong ? nodes.get(random.nextInt(BROKERS)) : active(member.shard);
                member.sent = Math.max(member.sent, member.acknowledged + 1);
                long offset = member.sent;
                String id = member.joined.memberId();
                Errors committed =
                        await(asked.commit(member.group, id, member.joined.generationId(), ORDERS, 0, offset));
                count(committed);
                if (committed == Errors.NONE) {
                    member.acknowledged = offset;
                }
                count(asked.heartbeat(member.group, id, member.joined.generationId()));
                if (random.nextInt(3) == 0) {
                    look(member, nodes.get(random.nextInt(BROKERS)));
                }
            }
        } catch (Throwable failure) {
            failures.add(failure);
        }
    }

    private void count(Errors answer) {
        answers.computeIfAbsent(answer, error -> new LongAdder()).increment();
    }

    /** Whoever answers, answers what is true. */
    private void look(Member member, TestNode asked) {
        var answer = asked.fetch(member.group, ORDERS, List.of(0), true);
        count(Errors.forCode(answer.errorCode()));
        if (answer.errorCode() == Errors.NONE.code()) {
            long offset = answer.topics().getFirst().partitions().getFirst().committedOffset();
            if (member.acknowledged > 0) {
                assertThat(offset).as(member.group).isBetween(member.acknowledged, member.sent);
            }
        }
    }

    private void check(Member member) {
        TestNode coordinator = active(member.shard);
        assertThat(coordinator.heartbeat(member.group, member.joined.memberId(), member.joined.generationId()))
                .isEqualTo(Errors.NONE);
        assertThat(coordinator.committed(member.group, ORDERS, 0))
                .as(member.group)
                .isBetween(member.acknowledged, member.sent);
        assertThat(member.acknowledged).as("%s went on", member.group).isPositive();
    }

    /** Brokers drain and come back; or die, in all but name, and come back as others. One always serves. */
    private void stir(SplittableRandom random) {
        long end = System.nanoTime() + LENGTH.toNanos();
        TestNode away = nodes.getFirst();
        while (System.nanoTime() < end) {
            TestNode next = nodes.get(random.nextInt(BROKERS));
            if (next != away) {
                if (random.nextInt(4) == 0) {
                    die(next);
                } else {
                    next.drain();
                }
                away.serve();
                away = next;
            }
            LongAdder good = answers.computeIfAbsent(Errors.NONE, error -> new LongAdder());
            long before = good.sum();
            until("groups go on", () -> good.sum() > before + GROUPS);
        }
    }

    /** The old incarnation may not answer from the moment that its stream may be sealed; another takes its place. */
    private static void die(TestNode node) {
        node.mayAnswer = false;
        node.dropRegistration();
        node.restart();
        node.mayAnswer = true;
    }
}
