package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.FetchResult;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a broker asks of the object store, which is what it costs. */
class RequestCountTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void anIdleBrokerMakesNoRequestsPerMinute() {
        // Given
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("orders", 100, Map.of("segment.bytes", "1024"));
        for (int partition = 0; partition < 100; partition++) {
            cluster.await(first.append(
                    TestBroker.partition(topic, partition), Batches.sized(cluster.time.wallClockMs(), 2000)));
        }
        first.crash();
        cluster.outliveLeases();
        TestBroker broker = cluster.started();
        broker.produce(TestBroker.partition(topic, 0), "a");
        cluster.advance(Duration.ofMinutes(90));
        // When
        cluster.objects.forget();
        cluster.advance(Duration.ofMinutes(10));
        // Then
        assertThat(cluster.objects.requests()).isEmpty();
    }

    @Test
    void theRateOfWalPutsIsTheSameForTenAndForAThousandBusyPartitions() {
        long ofTen = putsPerMinute(10);
        long ofThousand = putsPerMinute(1_000);
        assertThat(ofThousand).isEqualTo(ofTen).isBetween(239L, 242L);
    }

    private static long putsPerMinute(int partitions) {
        // Given
        var cluster = new TestCluster();
        cluster.flushRate(4);
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("busy", partitions);
        cluster.settle();
        cluster.objects.forget();
        // When
        for (int tick = 0; tick < 600; tick++) {
            for (int i = 0; i < 10; i++) {
                int partition = (tick * 10 + i) % partitions;
                broker.append(TestBroker.partition(topic, partition), Batches.of(0, "x"));
            }
            cluster.advance(Duration.ofMillis(100));
        }
        // Then
        return cluster.objects.count("put");
    }

    @Test
    void aTailConsumerCostsNoGets() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.settle();
        cluster.objects.forget();
        // When
        for (long offset = 0; offset < 100; offset++) {
            var parked = broker.log.fetch(broker.query(id, offset, 1, Duration.ofSeconds(30)));
            broker.produce(id, "record " + offset);
            FetchResult.Records read =
                    (FetchResult.Records) cluster.await(parked).parts().getFirst();
            assertThat(Batches.records(read.records())).hasSize(1);
        }
        // Then
        assertThat(cluster.objects.requests())
                .allMatch(request -> request.operation().equals("put"));
    }

    @Test
    void recoveryReadsABoundedNumberOfObjectsWithTenOrTenThousandSegmentsBehindIt() {
        List<Long> withTen = recoveryRequests(10);
        List<Long> withTenThousand = recoveryRequests(10_000);
        assertThat(withTenThousand).isEqualTo(withTen);
        assertThat(withTen.stream().mapToLong(Long::longValue).sum()).isLessThanOrEqualTo(15);
    }

    /** Requests of a start after a crash, by operation. */
    private static List<Long> recoveryRequests(int segments) {
        // Given
        var cluster = new TestCluster();
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("orders", 1, Map.of("segment.bytes", "1024"));
        PartitionId id = TestBroker.partition(topic, 0);
        for (int segment = 0; segment < segments; segment++) {
            cluster.await(first.append(id, Batches.sized(cluster.time.wallClockMs(), 1100)));
        }
        for (int i = 0; i < 3; i++) {
            cluster.advance(Duration.ofMinutes(2));
            first.produce(id, "small " + i);
        }
        assertThat(cluster.objects.keys("test/orders/").size()).isGreaterThanOrEqualTo(2 * segments);
        first.crash();
        cluster.outliveLeases();
        cluster.objects.forget();
        // When
        TestBroker second = cluster.started();
        assertThat(second.produce(id, "first append").baseOffset()).isEqualTo(segments + 3);
        // Then
        List<Long> recovery = List.of(
                cluster.objects.count("put"),
                cluster.objects.count("list"),
                gets(cluster),
                cluster.objects.count("delete"));
        cluster.objects.forget();
        cluster.await(second.append(id, Batches.by(7, 0, 0, 1)));
        assertThat(gets(cluster))
                .as("reads for the producer state of all segments")
                .isLessThanOrEqualTo(2);
        return recovery;
    }

    private static long gets(TestCluster cluster) {
        return cluster.objects.count("get") + cluster.objects.count("range") + cluster.objects.count("tail");
    }
}
