package io.kafscale.metastore.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.ManualLoop;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener.Change;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Leases and the history of watches, with the clock turned by hand. */
class EmbeddedLeaseTest {
    private static final Duration TTL = Duration.ofSeconds(9);

    private final ManualLoop loop = new ManualLoop();
    private final EmbeddedMetadataStore store =
            EmbeddedMetadataStore.inMemory(loop, new EmbeddedSettings(3, 1_000, 1_000, 1_000, 10));

    @Test
    void theLeaseOfAClosedClientRunsOutAfterItsTimeToLive() throws Exception {
        MetadataStore client = store.client();
        Lease lease = loop.await(client.grantLease(TTL));
        long written = put(client, "/b/1", lease);
        var watch = new RecordedWatch();
        store.watch("/b/", written + 1, watch);
        loop.advance(Duration.ofSeconds(60));
        assertThat(lease.confirmedAtNanos()).isEqualTo(Duration.ofSeconds(60).toNanos());
        client.close();
        loop.advance(TTL.minusNanos(1));
        assertThat(loop.await(store.get("/b/1"))).isPresent();
        assertThat(lease.lost()).isNotDone();
        loop.advance(Duration.ofNanos(1));
        assertThat(loop.await(store.get("/b/1"))).isEmpty();
        assertThat(lease.lost()).isDone();
        assertThat(watch.changes()).containsExactly(new Change.Deleted("/b/1", written + 1));
    }

    @Test
    void aProcessThatStoodStillForTooLongLosesItsLease() {
        Lease lease = loop.await(store.grantLease(TTL));
        put(store, "/b/1", lease);
        loop.stall(TTL);
        assertThatThrownBy(() -> put(store, "/b/2", lease))
                .isInstanceOfSatisfying(
                        MetadataException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(MetadataException.Kind.LEASE_GONE));
        assertThat(lease.lost()).isDone();
        assertThat(loop.await(store.range("/b/")).keys()).isEmpty();
    }

    @Test
    void oneThatStoodStillForLessKeepsIt() {
        Lease lease = loop.await(store.grantLease(TTL));
        put(store, "/b/1", lease);
        loop.stall(TTL.minusNanos(1));
        loop.advance(Duration.ofSeconds(100));
        assertThat(lease.lost()).isNotDone();
        assertThat(loop.await(store.get("/b/1"))).isPresent();
    }

    @Test
    void theHistoryIsBounded() throws Exception {
        for (int i = 2; i <= 6; i++) {
            loop.await(store.commit(Transaction.builder().put("/k", Bytes.EMPTY).build()));
        }
        var tooLate = new RecordedWatch();
        var justInTime = new RecordedWatch();
        store.watch("/k", 3, tooLate);
        store.watch("/k", 4, justInTime);
        loop.runReady();
        tooLate.awaitCompacted();
        assertThat(justInTime.reports())
                .extracting(RecordedWatch.Report::revision)
                .containsExactly(4L, 5L, 6L);
    }

    @Test
    void aNewStoreHasItsWholeHistory() {
        var watch = new RecordedWatch();
        store.watch("/k", 1, watch);
        loop.await(store.commit(Transaction.builder().put("/k", Bytes.EMPTY).build()));
        assertThat(watch.changes()).hasSize(1);
    }

    private long put(MetadataStore client, String key, Lease lease) {
        loop.await(client.commit(
                Transaction.builder().put(key, Bytes.utf8("x"), lease.id()).build()));
        return loop.await(client.get(key)).orElseThrow().modRevision();
    }
}
