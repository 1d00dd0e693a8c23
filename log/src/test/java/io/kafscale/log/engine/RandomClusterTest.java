package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.LogException.Kind;
import io.kafscale.log.engine.FaultyMetadata.Fate;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Brokers that come, go, drain, lose the metadata store and are taken for dead in any order, while partitions are moved and
 * idempotent producers write. What follows a seed is the same in every run.
 */
class RandomClusterTest {
    private static final int PARTITIONS = 6;
    private static final int BROKERS = 4;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 25);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void nothingIsLostDoubledOrReordered(long seed) {
        // Given
        var world = new World(seed);
        // When
        for (int turn = 0; turn < 3_000; turn++) {
            world.turn(true);
        }
        world.recover();
        // Then
        world.verify();
    }

    private static final class World {
        private final SplittableRandom random;
        private final TestCluster cluster;
        private final List<TestBroker> brokers = new ArrayList<>();
        private final List<TestProducer> producers = new ArrayList<>();
        private final PlacementStore placement;
        private final TopicRecord topic;

        World(long seed) {
            random = new SplittableRandom(seed);
            cluster = new TestCluster(seed);
            placement = new PlacementStore(cluster.access());
            brokers.addAll(cluster.serving(2));
            topic = brokers.getFirst().create("orders", PARTITIONS, Map.of("segment.bytes", "4096"));
            for (int partition = 0; partition < PARTITIONS; partition++) {
                producers.add(new TestProducer(brokers, TestBroker.partition(topic, partition), 100 + partition));
            }
        }

        void turn(boolean chaos) {
            if (chaos && random.nextInt(40) == 0) {
                somethingHappens();
            }
            producers.forEach(producer -> producer.turn(chaos && random.nextInt(3) == 0));
            cluster.advance(Duration.ofMillis(10));
        }

        private void somethingHappens() {
            switch (random.nextInt(12)) {
                case 0 -> some(TestBroker::crash, true);
                case 1 ->
                    some(
                            broker -> {
                                broker.crash();
                                evict(broker.id);
                            },
                            true);
                case 2 -> some(broker -> evict(broker.id), false);
                case 3 ->
                    some(
                            broker -> {
                                broker.cutOff();
                                evict(broker.id);
                            },
                            true);
                case 4 -> some(broker -> broker.engine.announce(State.DRAINING), true);
                case 5 -> some(broker -> broker.engine.announce(State.SERVING), false);
                case 6, 7, 8 -> join();
                case 9 -> placement.pin(topic, random.nextInt(PARTITIONS), 1 + random.nextInt(BROKERS));
                case 10 -> placement.unpin(TestBroker.partition(topic, random.nextInt(PARTITIONS)));
                default -> some(this::disturb, false);
            }
        }

        private void disturb(TestBroker broker) {
            boolean somebody = random.nextBoolean();
            Fate fate = random.nextBoolean() ? Fate.LOST : Fate.ANSWER_LOST;
            if (random.nextInt(3) == 0) {
                broker.metadata.heal();
            } else {
                broker.metadata.commits(transaction -> FaultyMetadata.leads(transaction, somebody), fate);
            }
            cluster.objects.latency(Duration.ofMillis(random.nextInt(1, 60)));
        }

        private void some(Consumer<TestBroker> event, boolean unlessLast) {
            List<TestBroker> able = able();
            if (able.size() > (unlessLast ? 1 : 0)) {
                event.accept(able.get(random.nextInt(able.size())));
            }
        }

        private List<TestBroker> able() {
            return brokers.stream()
                    .filter(broker -> broker.isAlive() && broker.isConnected())
                    .toList();
        }

        private void evict(int id) {
            if (cluster.await(cluster.metadata.get(cluster.keys.broker(id))).isPresent()) {
                cluster.removeRegistration(id);
            }
        }

        /** A broker starts, or again, unless it runs. */
        private void join() {
            int id = 1 + random.nextInt(BROKERS);
            Optional<TestBroker> same = brokers.stream()
                    .filter(broker -> broker.id == id && broker.isAlive())
                    .findFirst();
            if (same.isPresent() && same.get().isConnected()) {
                return;
            }
            same.ifPresent(TestBroker::crash);
            TestBroker broker = cluster.broker(id);
            brokers.removeIf(other -> other.id == id);
            brokers.add(broker);
            broker.start()
                    .thenCompose(_ -> broker.engine.announce(State.SERVING))
                    .exceptionally(_ -> {
                        broker.crash();
                        return null;
                    });
        }

        void recover() {
            cluster.objects.latency(Duration.ofMillis(5));
            brokers.stream()
                    .filter(broker -> broker.isAlive() && !broker.isConnected())
                    .forEach(TestBroker::crash);
            able().forEach(broker -> {
                broker.metadata.heal();
                broker.engine.announce(State.SERVING);
            });
            cluster.advance(Duration.ofSeconds(40));
            if (able().isEmpty()) {
                brokers.add(cluster.servingBroker(9));
            }
            cluster.until(() -> {
                turn(false);
                return producers.stream().allMatch(TestProducer::isDone);
            });
        }

        void verify() {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                PartitionId id = TestBroker.partition(topic, partition);
                TestProducer producer = producers.get(partition);
                assertThat(producer.refusals())
                        .isSubsetOf(Kind.NOT_LEADER, Kind.TIMED_OUT, Kind.STORAGE_UNAVAILABLE, Kind.CLOSED);
                cluster.until(() -> able().stream().anyMatch(broker -> leads(broker, id)));
                TestBroker leader = able().stream()
                        .filter(broker -> leads(broker, id))
                        .findFirst()
                        .orElseThrow();
                assertThat(leader.values(id)).containsExactlyElementsOf(producer.expected());
            }
        }

        private static boolean leads(TestBroker broker, PartitionId id) {
            return broker.engine.incarnation().isPresent()
                    && broker.engine.session().partition(id).isPresent();
        }
    }
}
