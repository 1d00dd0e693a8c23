package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What takeovers and hand-offs of many partitions cost, in requests and in round trips. */
class EngineScaleTest {
    private static final Duration LATENCY = Duration.ofMillis(40);

    private final TestCluster cluster = new TestCluster();

    @Test
    void aThousandPartitionsWithFourteenThousandObjectsAreTakenWithinASecond() {
        // Given a broker that leads them all, and two that are ready to when it is gone
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("orders", 1_000);
        for (int object = 0; object < 14_000; object++) {
            cluster.await(first.append(
                    TestBroker.partition(topic, object % 1_000), Batches.of(cluster.time.wallClockMs(), "x")));
        }
        var others = List.of(cluster.broker(2), cluster.broker(3));
        others.forEach(broker -> cluster.await(broker.start()));
        cluster.settle();
        first.crash();
        cluster.objects.latency(LATENCY);
        cluster.objects.forget();
        // When
        cluster.removeRegistration(1);
        Duration took = cluster.until(() ->
                others.stream().mapToInt(broker -> broker.leads(topic).size()).sum() == 1_000);
        // Then
        assertThat(took).isLessThan(Duration.ofSeconds(1));
        // Each seals: 16 pages and what is behind the seal; who comes second to the seal lists again.
        assertThat(cluster.objects.count("list")).isLessThanOrEqualTo(3 * 17);
        assertThat(cluster.objects.count("tail")).isLessThanOrEqualTo(2 * 290);
        assertThat(cluster.objects.count("range")).isLessThanOrEqualTo(2 * 10);
        assertThat(cluster.objects.count("get")).isZero();
        for (TestBroker broker : others) {
            assertThat(broker.leads(topic)).hasSizeGreaterThan(300);
            PartitionId id = TestBroker.partition(topic, broker.leads(topic).getFirst());
            assertThat(broker.status(id).logEndOffset()).isEqualTo(14);
        }
    }

    @Test
    void whatIsHandedOverIsReadAheadSoThatLittleIsLeftToRead() {
        // Given
        TestBroker first = cluster.serving(1).getFirst();
        TopicRecord topic = first.create("orders", 300);
        for (int object = 0; object < 3_000; object++) {
            cluster.await(first.append(
                    TestBroker.partition(topic, object % 300), Batches.of(cluster.time.wallClockMs(), "x")));
        }
        cluster.objects.latency(LATENCY);
        TestBroker second = cluster.broker(2);
        cluster.await(second.start());
        cluster.objects.forget();
        // When
        second.serve();
        cluster.until(() -> first.leads(topic).size() + second.leads(topic).size() == 300
                && !second.leads(topic).isEmpty()
                && first.engine.session().moves().handOver().isIdle());
        cluster.settle();
        // Then each batch of 64 took a listing and no footer was read twice
        int moved = second.leads(topic).size();
        assertThat(moved).isBetween(100, 200);
        assertThat(cluster.objects.count("tail")).isLessThanOrEqualTo(3_000 / 64 + 64 + 1);
        assertThat(cluster.objects.count("list")).isLessThanOrEqualTo(6 + moved / 64 + 1);
        assertThat(cluster.objects.count("put")).isZero();
    }

    @Test
    void partitionsAreHandedOverSomeAtATime() {
        // Given
        TestBroker first = cluster.serving(1).getFirst();
        TopicRecord topic = first.create("orders", 1_000);
        TestBroker second = cluster.broker(2);
        cluster.await(second.start());
        cluster.objects.latency(LATENCY);
        var appends = new ArrayList<CompletableFuture<?>>();
        for (int partition = 0; partition < 1_000; partition++) {
            appends.add(first.append(TestBroker.partition(topic, partition), Batches.of(0, "x")));
        }
        cluster.advance(Duration.ofMillis(10));
        // When
        second.serve();
        int fewestLed = 1_000;
        for (int step = 0; step < 400; step++) {
            cluster.advance(Duration.ofMillis(5));
            int led = first.leads(topic).size() + second.leads(topic).size();
            fewestLed = Math.min(fewestLed, led);
        }
        // Then
        assertThat(fewestLed).isGreaterThanOrEqualTo(1_000 - 2 * 64);
        assertThat(first.leads(topic).size() + second.leads(topic).size()).isEqualTo(1_000);
        assertThat(second.leads(topic)).hasSizeGreaterThan(400);
        appends.forEach(append -> assertThat(append).isCompleted());
    }

    @Test
    void aChangeOfOnePartitionCostsNothingForTenThousandOthers() {
        // Given
        TestBroker first = cluster.serving(1).getFirst();
        first.create("many", 10_000);
        TopicRecord topic = first.create("orders", 1);
        PartitionId id = TestBroker.partition(topic, 0);
        first.produce(id, "a");
        long revision = cluster.revision();
        // When
        cluster.await(first.log.deleteRecords(id, 1));
        cluster.settle();
        // Then
        assertThat(cluster.revision()).isEqualTo(revision + 1);
    }
}
