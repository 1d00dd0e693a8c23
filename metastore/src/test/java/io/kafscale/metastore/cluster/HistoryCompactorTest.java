package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult.Committed;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryCompactorTest {
    private final ClusterFixture cluster = new ClusterFixture();
    private final CuttableStore store = new CuttableStore(cluster.store.client());
    private final HistoryCompactor compactor = new HistoryCompactor(cluster.accessOf(store, 1));

    /** The revision that was written at the beginning of each minute. */
    private final List<Long> minutes = new ArrayList<>();

    @Test
    void whatIsYoungerThanAQuarterOfAnHourStays() throws Exception {
        // Given
        compactor.acquired();
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
        assertThat(store.compactions()).isNotEmpty().isSorted().doesNotHaveDuplicates();
    }

    @Test
    void nothingIsCompactedBeforeItIsKnownToBeOld() {
        compactor.acquired();
        passMinutes(14);
        assertThat(store.compactions()).isEmpty();
        passMinutes(2);
        assertThat(store.compactions()).isNotEmpty();
    }

    @Test
    void nothingIsCompactedWhereNothingWasWritten() {
        compactor.acquired();
        passMinutes(1);
        cluster.loop.advance(Duration.ofHours(1));
        assertThat(store.compactions()).hasSize(1);
    }

    @Test
    void nothingIsCompactedWithoutTheRole() {
        passMinutes(40);
        assertThat(store.compactions()).isEmpty();
    }

    @Test
    void whoLosesTheRoleStops() {
        // Given
        compactor.acquired();
        passMinutes(20);
        int before = store.compactions().size();
        assertThat(before).isPositive();
        // When
        compactor.lost();
        passMinutes(40);
        // Then
        assertThat(store.compactions()).hasSize(before);
    }

    @Test
    void whoGetsTheRoleBackBeginsAnewWithoutWhatItKnew() {
        // Given
        compactor.acquired();
        passMinutes(20);
        int before = store.compactions().size();
        // When
        compactor.lost();
        compactor.acquired();
        passMinutes(14);
        // Then
        assertThat(store.compactions()).hasSize(before);
        passMinutes(6);
        assertThat(store.compactions()).hasSizeGreaterThan(before);
    }

    @Test
    void theRoleMayGoWhileTheStoreIsAsked() {
        // Given
        compactor.acquired();
        // When
        compactor.lost();
        passMinutes(40);
        // Then
        assertThat(store.compactions()).isEmpty();
    }

    @Test
    void aStoreThatDoesNotAnswerForAWhileIsCompactedLater() {
        compactor.acquired();
        passMinutes(10);
        store.failRanges(10);
        passMinutes(30);
        assertThat(store.compactions()).isNotEmpty();
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
