package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.await;
import static io.kafscale.coordinator.TestBroker.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Groups commit without a pause while their shards are thrown from broker to broker, half of the time behind the owner's back. */
class ShardMovesTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 8);
    private static final int BROKERS = 3;
    private static final int GROUPS = 24;

    private final MemoryMetadataStore memory = new MemoryMetadataStore();
    private final AtomicIntegerArray owners = new AtomicIntegerArray(TestBroker.SHARDS);
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final Map<Errors, LongAdder> answers = new ConcurrentHashMap<>();
    private final AtomicBoolean stop = new AtomicBoolean();

    @Test
    void noAcknowledgedCommitIsLost() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        try (var store = new FaultyStore(memory, random.nextLong(), 0.02, 1_000)) {
            List<TestBroker> brokers = IntStream.range(0, BROKERS)
                    .mapToObj(node -> TestBroker.start(node, store))
                    .toList();
            brokers.forEach(broker -> broker.publish(1, ORDERS));
            brokers.getFirst().acquireAll();
            List<Thread> clients = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            for (int group = 0; group < GROUPS; group++) {
                String name = "group-" + group;
                SplittableRandom own = random.split();
                clients.add(Thread.ofVirtual().start(() -> {
                    try {
                        commitUntilStopped(name, brokers, own);
                    } catch (Throwable failure) {
                        synchronized (failures) {
                            failures.add(failure);
                        }
                    }
                }));
            }
            int moves = moveShards(brokers, random.split());
            stop.set(true);
            for (Thread client : clients) {
                client.join();
            }
            brokers.forEach(TestBroker::close);
            assertThat(failures).as("seed %d", seed).isEmpty();
            System.out.println(moves + " moves, " + answers);
            assertThat(moves).isGreaterThan(20);
        }
        assertThat(answers.keySet())
                .as("seed %d", seed)
                .isSubsetOf(Errors.NONE, Errors.NOT_COORDINATOR, Errors.COORDINATOR_LOAD_IN_PROGRESS);
        try (TestBroker judge = TestBroker.leader(99, memory, ORDERS)) {
            acknowledged.forEach((group, offset) -> assertThat(judge.committed(group, ORDERS, 0))
                    .as("seed %d, %s", seed, group)
                    .isEqualTo(offset));
        }
    }

    private void commitUntilStopped(String group, List<TestBroker> brokers, SplittableRandom random) {
        int shard = brokers.getFirst().host.operations().shardOf(group);
        for (long offset = 1; !stop.get(); offset++) {
            boolean wrong = random.nextInt(10) == 0;
            TestBroker broker = brokers.get(wrong ? random.nextInt(BROKERS) : owners.get(shard));
            Errors answer = await(broker.commit(group, ORDERS, 0, offset));
            answers.computeIfAbsent(answer, error -> new LongAdder()).increment();
            if (answer != Errors.NONE) {
                continue;
            }
            acknowledged.put(group, offset);
            if (random.nextInt(4) == 0) {
                var fetched = broker.fetch(group, ORDERS, List.of(0), true);
                if (fetched.errorCode() == 0
                        && broker.host.isActive(shard)
                        && owners.get(shard) == brokers.indexOf(broker)) {
                    assertThat(fetched.topics()
                                    .getFirst()
                                    .partitions()
                                    .getFirst()
                                    .committedOffset())
                            .isEqualTo(offset);
                }
            }
        }
    }

    private int moveShards(List<TestBroker> brokers, SplittableRandom random) {
        Map<Errors, LongAdder> progress = new EnumMap<>(Errors.class);
        progress.put(Errors.NONE, answers.computeIfAbsent(Errors.NONE, error -> new LongAdder()));
        long end = System.nanoTime() + 4_000_000_000L;
        int moves = 0;
        while (System.nanoTime() < end) {
            int shard = random.nextInt(TestBroker.SHARDS);
            int to = random.nextInt(BROKERS);
            int from = owners.get(shard);
            if (from == to) {
                continue;
            }
            boolean silently = random.nextBoolean();
            if (!silently) {
                await(brokers.get(from).host.release(shard));
            }
            // A broker that lost the shard silently does not know yet: what it believes to hold is not taken back by
            // acquiring it.
            await(brokers.get(to).host.release(shard));
            await(brokers.get(to).acquire(shard));
            owners.set(shard, to);
            moves++;
            long before = progress.get(Errors.NONE).sum();
            until("commits go on", () -> progress.get(Errors.NONE).sum() > before);
        }
        return moves;
    }
}
