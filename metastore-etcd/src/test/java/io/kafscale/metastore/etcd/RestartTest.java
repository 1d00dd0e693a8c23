package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.testkit.etcd.EtcdCluster;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The only member dies and comes back with its data. */
class RestartTest {
    private static final Duration OUTAGE = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private EtcdCluster cluster;
    private EtcdMetadataStore store;
    private StoreUser user;

    @BeforeEach
    void start() {
        cluster = EtcdCluster.startSingle(directory);
        store = EtcdMetadataStore.open(EtcdTestSettings.of(cluster));
        user = new StoreUser(store);
    }

    @AfterEach
    void stop() {
        store.close();
        cluster.close();
    }

    @Test
    void writesFailClearlyMeanwhileAndGoOnAfterwards() {
        // Given
        long before = user.put("/a", "1");
        cluster.member().kill();
        // When
        var written = Transaction.builder().put("/a", Bytes.utf8("2")).build();
        Kind first = StoreUser.failureOf(store.commit(written));
        Kind second = StoreUser.failureOf(store.commit(written));
        Kind read = StoreUser.failureOf(store.get("/a"));
        cluster.member().start();
        long restarted = System.nanoTime();
        user.createThrough("/b", "1");
        // Then
        assertThat(first).isIn(Kind.OUTCOME_UNKNOWN, Kind.UNAVAILABLE);
        assertThat(second)
                .as("the port refuses connections, so nothing can have been sent")
                .isEqualTo(Kind.UNAVAILABLE);
        assertThat(read).isEqualTo(Kind.UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - restarted)).isLessThan(OUTAGE);
        assertThat(user.get("/a").orElseThrow().modRevision()).isEqualTo(before);
    }

    @Test
    void aWatchGoesOnWhereItWas() throws Exception {
        // Given
        var watch = new RecordedWatch();
        try (var _ = store.watch("/w/", user.range("/").revision() + 1, watch)) {
            watch.awaitRevision(user.put("/w/a", "before"));
            // When
            cluster.member().kill();
            cluster.member().start();
            user.createThrough("/w/b", "after");
            watch.awaitChanges(2);
            // Then
            assertThat(watch.changes()).extracting(Change::key).containsExactly("/w/a", "/w/b");
        }
    }

    @Test
    void aLeaseIsKeptOverTheRestart() {
        // Given
        Lease lease = StoreUser.await(store.grantLease(Duration.ofSeconds(5)));
        user.committed(Transaction.builder().put("/l", Bytes.utf8("x"), lease.id()));
        // When
        cluster.member().kill();
        cluster.member().start();
        long restarted = System.nanoTime();
        // Then
        StoreUser.until("it is confirmed again", () -> lease.confirmedAtNanos() - restarted > 0);
        assertThat(lease.lost()).isNotDone();
        assertThat(user.get("/l")).isPresent();
    }
}
