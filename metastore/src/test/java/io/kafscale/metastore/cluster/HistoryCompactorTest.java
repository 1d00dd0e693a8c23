package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult.Committed;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HistoryCompactorTest {
    private final ClusterFixture cluster = new ClusterFixture();
    private final MetadataStore firstClient = cluster.store.client();
    private final CuttableStore first = new CuttableStore(firstClient);
    private final CuttableStore second = new CuttableStore(cluster.store.client());
    private final HistoryCompactor one = new HistoryCompactor(cluster.accessOf(first, 1), 1);
    private final HistoryCompactor two = new HistoryCompactor(cluster.accessOf(second, 2), 2);

    /** The revision that was written at the beginning of each minute. */
    private final List<Long> minutes = new ArrayList<>();

    @Test
    void whatIsYoungerThanAQuarterOfAnHourStays() throws Exception {
        // Given
        one.start();
        passMinutes(40);
        // When
        var young = new RecordedWatch();
        var old = new RecordedWatch();
        cluster.store.watch("/x", minutes.get(26), young);
        cluster.store.watch("/x", minutes.get(22), old);
        cluster.loop.runReady();
        // Then
        assertThat(young.changes()).hasSize(40 - 26);
        old.awaitCompacted();
        assertThat(first.compactions()).isNotEmpty().isSorted().doesNotHaveDuplicates();
    }

    @Test
    void nothingIsCompactedBeforeItIsKnownToBeOld() {
        one.start();
        passMinutes(15);
        assertThat(first.compactions()).isEmpty();
        passMinutes(2);
        assertThat(first.compactions()).isNotEmpty();
    }

    @Test
    void nothingIsCompactedWhereNothingWasWritten() {
        one.start();
        passMinutes(1);
        cluster.loop.advance(Duration.ofHours(1));
        assertThat(first.compactions()).hasSize(1);
    }

    @Test
    void oneOfSeveralBrokersDoesIt() {
        one.start();
        two.start();
        passMinutes(40);
        assertThat(first.compactions().isEmpty())
                .isNotEqualTo(second.compactions().isEmpty());
    }

    @Test
    void anotherBrokerGoesOnAfterTheFirstHasDied() {
        // Given
        one.start();
        cluster.loop.runReady();
        two.start();
        passMinutes(20);
        int before = first.compactions().size();
        // When
        firstClient.close();
        passMinutes(40);
        // Then
        assertThat(before).isPositive();
        assertThat(first.compactions()).hasSize(before);
        assertThat(second.compactions()).isNotEmpty();
    }

    @Test
    void whoLosesTheKeyStopsAndBeginsAnewWithoutWhatItKnew() {
        // Given
        one.start();
        passMinutes(20);
        int before = first.compactions().size();
        // When
        write(Transaction.builder().delete(cluster.keys.historyCompactor()));
        passMinutes(14);
        // Then
        assertThat(first.compactions()).hasSize(before);
        passMinutes(6);
        assertThat(first.compactions()).hasSizeGreaterThan(before);
    }

    @Test
    void whoStopsGivesTheKeyUp() {
        // Given
        one.start();
        cluster.loop.runReady();
        assertThat(holder()).isPresent();
        // When
        cluster.await(one.stop());
        // Then
        assertThat(holder()).isEmpty();
        passMinutes(40);
        assertThat(first.compactions()).isEmpty();
    }

    @Test
    void aStoreThatDoesNotAnswerForAWhileIsCompactedLater() {
        one.start();
        passMinutes(10);
        first.failRanges(10);
        passMinutes(30);
        assertThat(first.compactions()).isNotEmpty();
        assertThat(holder().map(KeyValue::value).map(Bytes::utf8))
                .hasValueSatisfying(value -> assertThat(value).startsWith("{\"v\":1,\"broker\":1,\"by\":\""));
    }

    private Optional<KeyValue> holder() {
        return cluster.await(cluster.store.get(cluster.keys.historyCompactor()));
    }

    private void passMinutes(int count) {
        for (int i = 0; i < count; i++) {
            minutes.add(write(Transaction.builder().put("/x", Bytes.utf8("minute " + minutes.size()))));
            cluster.loop.advance(Duration.ofMinutes(1));
        }
    }

    private long write(Transaction.Builder transaction) {
        return ((Committed) cluster.await(cluster.store.commit(transaction.build()))).revision();
    }
}
