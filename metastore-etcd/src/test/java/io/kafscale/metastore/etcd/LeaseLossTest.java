package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.net.Direction;
import io.kafscale.testkit.net.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lease ends although its owner wants to keep it. */
class LeaseLossTest {
    private static final Duration TIME_TO_LIVE = Duration.ofSeconds(2);

    @TempDir
    Path directory;

    private EtcdCluster cluster;
    private TcpProxy proxy;
    private EtcdMetadataStore owner;
    private EtcdMetadataStore other;

    @BeforeEach
    void start() {
        cluster = EtcdCluster.startSingle(directory);
        proxy = TcpProxy.to(cluster.member().port());
        owner = EtcdMetadataStore.open(
                EtcdSettings.plain(List.of(new EtcdSettings.Address("127.0.0.1", proxy.port()))));
        other = EtcdMetadataStore.open(EtcdTestSettings.of(cluster));
    }

    @AfterEach
    void stop() {
        owner.close();
        other.close();
        proxy.close();
        cluster.close();
    }

    @Test
    void anOwnerThatWasCutOffLearnsOfItWhenItIsBack() throws Exception {
        // Given
        Lease lease = leaseWithKey();
        long confirmed;
        // When
        var watch = new RecordedWatch();
        try (var _ = other.watch("/l", new StoreUser(other).range("/l").revision() + 1, watch)) {
            proxy.hold(Direction.TO_SERVER);
            watch.awaitChanges(1);
            confirmed = lease.confirmedAtNanos();
        }
        // Then
        assertThat(lease.lost()).as("nobody said so yet").isNotDone();
        proxy.cut();
        proxy.heal();
        assertThat(lease.lost()).succeedsWithin(Duration.ofSeconds(30));
        assertThat(lease.confirmedAtNanos()).isEqualTo(confirmed);
        assertThat(StoreUser.failureOf(owner.commit(
                        Transaction.builder().put("/l", Bytes.EMPTY, lease.id()).build())))
                .isEqualTo(Kind.LEASE_GONE);
        assertThat(lease.revoke()).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void aLeaseThatAnAdministratorRevokesIsLost() {
        Lease lease = leaseWithKey();
        cluster.member().call("/v3/lease/revoke", "{\"ID\":" + lease.id() + "}");
        assertThat(lease.lost()).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void aShortCutDoesNotCostTheLease() {
        // Given
        Lease lease = StoreUser.await(owner.grantLease(Duration.ofSeconds(20)));
        // When
        proxy.cut();
        proxy.heal();
        long healed = System.nanoTime();
        // Then
        StoreUser.until("it is confirmed again", () -> lease.confirmedAtNanos() - healed > 0);
        assertThat(lease.lost()).isNotDone();
    }

    private Lease leaseWithKey() {
        Lease lease = StoreUser.await(owner.grantLease(TIME_TO_LIVE));
        new StoreUser(owner).committed(Transaction.builder().put("/l", Bytes.utf8("x"), lease.id()));
        return lease;
    }
}
