package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** A store that delays, doubles and loses requests and replies. */
class FaultyStoreTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 400);

    @Test
    void aCommittedOffsetNeverMovesBack() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        var memory = new MemoryMetadataStore();
        try (var store = new FaultyStore(memory, random.nextLong(), 0.3, 2_000)) {
            List<Integer> partitions = IntStream.range(0, 400).boxed().toList();
            long acknowledged = 0;
            TestBroker broker = TestBroker.leader(0, store, ORDERS);
            long end = System.nanoTime() + 4_000_000_000L;
            for (int round = 1; System.nanoTime() < end; round++) {
                long newest = acknowledged;
                CompletableFuture<?>[] commits = new CompletableFuture<?>[4];
                for (int i = 0; i < commits.length; i++) {
                    newest++;
                    // Some are beyond one transaction, and go through the write-ahead value.
                    List<Integer> committed = i == 2 && random.nextBoolean() ? partitions : partitions.subList(0, 3);
                    commits[i] = broker.commitAll("g", "", -1, ORDERS, committed, newest)
                            .thenAccept(answer -> assertThat(
                                            answer.topics().getFirst().partitions())
                                    .allMatch(partition -> partition.errorCode() == 0));
                }
                await(CompletableFuture.allOf(commits));
                acknowledged = newest;
                assertThat(broker.committed("g", ORDERS, 0)).as("seed %d", seed).isEqualTo(acknowledged);
                if (random.nextInt(8) == 0) {
                    TestBroker successor = TestBroker.leader(round, store, ORDERS);
                    broker.close();
                    broker = successor;
                    assertThat(broker.committed("g", ORDERS, 0))
                            .as("seed %d", seed)
                            .isEqualTo(acknowledged);
                    assertThat(broker.committed("g", ORDERS, 2))
                            .as("seed %d", seed)
                            .isEqualTo(acknowledged);
                }
            }
            assertThat(await(broker.commit("g", ORDERS, 0, acknowledged + 1))).isEqualTo(Errors.NONE);
            broker.close();
            System.out.println(acknowledged + " commits, " + memory.commits() + " transactions");
            try (TestBroker last = TestBroker.leader(999, memory, ORDERS)) {
                assertThat(last.committed("g", ORDERS, 0)).as("seed %d", seed).isEqualTo(acknowledged + 1);
            }
        }
    }
}
