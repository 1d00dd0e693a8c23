package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.engine.FaultyMetadata.Fate;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to appends while a partition goes from one leader to the next. */
class UnsettledAppendsTest {
    private final TestCluster cluster = new TestCluster();
    private final List<TestBroker> brokers = new ArrayList<>();
    private final PlacementStore placement = new PlacementStore(cluster.access());
    private TestBroker from;
    private TestBroker to;
    private TopicRecord topic;
    private PartitionId id;

    @BeforeEach
    void twoBrokersAndAPartitionThatTheFirstLeads() {
        brokers.addAll(cluster.serving(2));
        topic = brokers.getFirst().create("orders", 1, Map.of());
        id = TestBroker.partition(topic, 0);
        from = TestCluster.planned(brokers, id);
        to = brokers.get(from == brokers.getFirst() ? 1 : 0);
        from.produce(id, "a");
    }

    @Test
    void appendsThatComeToTheNextLeaderBeforeItLeadsEnterTheLogInTheirOrder() {
        // Given
        cluster.objects.latency(Duration.ofMillis(50));
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.until(() -> !to.images.image().brokers().containsKey(from.id));
        // When
        var appends = new ArrayList<CompletableFuture<AppendResult>>();
        for (String value : List.of("b", "c", "d")) {
            appends.add(to.append(id, Batches.of(0, value)));
        }
        // Then
        assertThat(to.leads(topic)).isEmpty();
        assertThat(appends.stream().map(append -> cluster.await(append).baseOffset()))
                .containsExactly(1L, 2L, 3L);
        assertThat(to.values(id)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void whoWaitedForALeaderDoesNotWaitForATokenToo() {
        // Given
        cluster.objects.latency(Duration.ofMillis(5));
        cluster.await(placement.pin(topic, 0, to.id));
        cluster.until(() -> !to.leads(topic).isEmpty());
        cluster.await(placement.unpin(id));
        cluster.until(() -> !from.leads(topic).isEmpty());
        TopicRecord other = to.create("payments", 1, Map.of());
        cluster.await(placement.pin(other, 0, to.id));
        PartitionId busy = TestBroker.partition(other, 0);
        cluster.until(() -> !to.leads(other).isEmpty());
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.until(() -> !to.images.image().brokers().containsKey(from.id));
        // When it has used up its tokens
        long start = cluster.time.nanoTime();
        var append = to.append(id, Batches.of(0, "b"));
        for (int i = 0; i < 20; i++) {
            to.append(busy, Batches.of(0, "x"));
            cluster.advance(Duration.ofMillis(2));
        }
        cluster.await(append);
        // Then
        assertThat(Duration.ofNanos(cluster.time.nanoTime() - start)).isLessThan(Duration.ofMillis(150));
    }

    @Test
    void appendsToTheOldLeaderAreRefusedOnceTheImageShowsTheNewOne() {
        // Given
        cluster.objects.latency(Duration.ofMillis(50));
        var underWay = from.append(id, Batches.of(0, "b"));
        cluster.await(placement.pin(topic, 0, to.id));
        cluster.until(() -> from.engine
                .session()
                .partition(id)
                .filter(log -> !log.isDraining())
                .isEmpty());
        // When
        var late = from.append(id, Batches.of(0, "late"));
        // Then
        assertThat(cluster.kind(late)).isEqualTo(Kind.NOT_LEADER);
        assertThat(from.record(id).ledBy(to.engine.session().incarnation())).isTrue();
        assertThat(cluster.await(underWay).baseOffset()).isEqualTo(1);
        assertThat(to.values(id)).containsExactly("a", "b");
    }

    @Test
    void aPartitionThatStaysWithoutALeaderCostsPatienceOnce() {
        // Given
        to.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.LOST);
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.until(() -> !to.images.image().brokers().containsKey(from.id));
        // When
        var first = to.append(id, Batches.of(0, "x"));
        cluster.advance(UnsettledAppends.PATIENCE.minusMillis(20));
        boolean refusedEarly = first.isDone();
        cluster.advance(Duration.ofMillis(30));
        var second = to.append(id, Batches.of(0, "y"));
        cluster.settle();
        // Then
        assertThat(refusedEarly).isFalse();
        assertThat(cluster.kind(first)).isEqualTo(Kind.NOT_LEADER);
        assertThat(second).isDone();
        assertThat(cluster.kind(second)).isEqualTo(Kind.NOT_LEADER);
        to.metadata.heal();
        cluster.until(() -> !to.leads(topic).isEmpty());
        assertThat(to.produce(id, "b").baseOffset()).isEqualTo(1);
    }

    @Test
    void anAppendWaitsNoLongerThanItsOwnDeadlineAndTheOthersGoOn() {
        // Given
        cluster.objects.latency(Duration.ofMillis(100));
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.until(() -> !to.images.image().brokers().containsKey(from.id));
        // When
        var impatient = to.append(id, Batches.of(0, "impatient"), Duration.ofMillis(20));
        var patient = to.append(id, Batches.of(0, "b"));
        // Then
        assertThat(cluster.kind(impatient)).isEqualTo(Kind.NOT_LEADER);
        assertThat(to.leads(topic)).isEmpty();
        assertThat(cluster.await(patient).baseOffset()).isEqualTo(1);
    }

    @Test
    void whatWaitsEndsWithTheTopicAndWithTheBroker() {
        // Given
        to.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.LOST);
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.until(() -> !to.images.image().brokers().containsKey(from.id));
        var ofTopic = to.append(id, Batches.of(0, "x"));
        // When
        to.delete(topic);
        cluster.settle();
        // Then
        assertThat(cluster.kind(ofTopic)).isEqualTo(Kind.UNKNOWN_PARTITION);
        // And
        TopicRecord other = to.createOnly("payments", 1, Map.of());
        cluster.settle();
        var ofBroker = to.append(TestBroker.partition(other, 0), Batches.of(0, "x"));
        to.engine.close();
        assertThat(cluster.kind(ofBroker)).isIn(Kind.CLOSED, Kind.NOT_LEADER);
    }
}
