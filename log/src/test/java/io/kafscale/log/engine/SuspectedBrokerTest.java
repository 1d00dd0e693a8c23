package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.FailureDetector;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is read of a broker while it is suspected to be dead, and what becomes of that when it is, and when it is not. */
class SuspectedBrokerTest {
    private static final int PARTITIONS = 6;
    private static final int RECORDS = 40;
    private static final Duration SLOW = Duration.ofMillis(100);

    private final TestCluster cluster = new TestCluster();
    private List<TestBroker> brokers;
    private TestBroker observer;
    private TestBroker suspect;
    private BrokerIncarnation incarnation;
    private FailureDetector detector;
    private TopicRecord topic;
    private String stream;

    @BeforeEach
    void threeBrokersOfWhichOneSuspectsAnother() {
        brokers = cluster.serving(3);
        observer = brokers.get(0);
        suspect = brokers.get(2);
        topic = observer.create("orders", PARTITIONS);
        assertThat(suspect.leads(topic)).isNotEmpty();
        for (int i = 0; i < RECORDS; i++) {
            suspect.produce(id(suspect.leads(topic).getFirst()), "record " + i);
        }
        incarnation = suspect.engine.session().incarnation();
        stream = "/" + incarnation + "/";
        detector = new FailureDetector(
                observer.access,
                observer.images,
                () -> Optional.of(observer.engine.session().incarnation()),
                _ -> {},
                IncarnationStart.REGISTRATION_TTL);
        detector.start();
        cluster.settle();
    }

    private PartitionId id(int partition) {
        return TestBroker.partition(topic, partition);
    }

    private long requests(String operation) {
        return cluster.objects.requests().stream()
                .filter(request ->
                        request.operation().equals(operation) && request.key().contains(stream))
                .count();
    }

    private void suspected() {
        detector.refused(incarnation);
        cluster.settle();
        assertThat(observer.images.image().suspects()).containsExactly(incarnation);
    }

    private Duration untilAllIsLedBySurvivors() {
        return cluster.until(() ->
                brokers.get(0).leads(topic).size() + brokers.get(1).leads(topic).size() == PARTITIONS);
    }

    private TestBroker leader(int partition) {
        return brokers.subList(0, 2).stream()
                .filter(broker -> broker.leads(topic).contains(partition))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatADeadBrokerLeavesIsReadBeforeItsRegistrationHasGone() {
        // Given
        int partition = suspect.leads(topic).getFirst();
        suspect.crash();
        suspected();
        cluster.objects.forget();
        cluster.objects.latency(SLOW);
        // When
        cluster.removeRegistration(suspect.id);
        Duration unled = untilAllIsLedBySurvivors();
        // Then there is no more to do than to seal and to verify, for one of them what the other's seal says, too
        assertThat(unled).isLessThan(SLOW.multipliedBy(5));
        assertThat(requests("tail")).as("footers").isLessThanOrEqualTo(1);
        assertThat(leader(partition).values(id(partition))).hasSize(RECORDS);
    }

    @Test
    void nothingIsWrittenToTheStreamOfASuspect() {
        // When
        cluster.objects.forget();
        suspected();
        // Then
        assertThat(requests("tail")).isPositive();
        assertThat(requests("put")).isZero();
        int partition = suspect.leads(topic).getFirst();
        assertThat(suspect.produce(id(partition), "goes on").baseOffset()).isEqualTo(RECORDS);
        // And when it turns out to be alive
        detector.reachable(incarnation);
        cluster.settle();
        assertThat(observer.images.image().suspects()).isEmpty();
        assertThat(suspect.produce(id(partition), "and on").baseOffset()).isEqualTo(RECORDS + 1);
        assertThat(suspect.engine.session().ended()).isNull();
    }

    @Test
    void whatASuspectAcknowledgedAfterItWasReadIsFoundWhenItDies() {
        // Given
        int partition = suspect.leads(topic).getFirst();
        suspected();
        IntStream.range(RECORDS, 2 * RECORDS).forEach(i -> suspect.produce(id(partition), "record " + i));
        // When
        suspect.crash();
        cluster.removeRegistration(suspect.id);
        untilAllIsLedBySurvivors();
        // Then
        assertThat(leader(partition).values(id(partition)))
                .hasSize(2 * RECORDS)
                .endsWith("record " + (2 * RECORDS - 1));
        assertThat(leader(partition).produce(id(partition), "next").baseOffset())
                .isEqualTo(2 * RECORDS);
    }

    @Test
    void aBrokerThatIsSealedWhileItWritesAcknowledgesNothingBehindTheSeal() {
        // Given a wrong verdict
        int partition = suspect.leads(topic).getFirst();
        suspected();
        cluster.objects.latency(SLOW);
        suspect.client.close();
        var underWay = IntStream.range(0, 20)
                .mapToObj(i -> {
                    cluster.advance(Duration.ofMillis(20));
                    if (i == 5) {
                        cluster.removeRegistration(suspect.id);
                    }
                    return suspect.append(id(partition), Batches.of(0, "late " + i));
                })
                .toList();
        // When
        untilAllIsLedBySurvivors();
        cluster.settle();
        // Then
        List<String> read = leader(partition).values(id(partition));
        for (int i = 0; i < underWay.size(); i++) {
            if (underWay.get(i).isDone() && !underWay.get(i).isCompletedExceptionally()) {
                assertThat(read.get((int) underWay.get(i).join().baseOffset())).isEqualTo("late " + i);
            }
        }
        assertThat(read).startsWith("record 0").hasSizeGreaterThanOrEqualTo(RECORDS);
    }
}
