package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.testkit.etcd.EtcdCluster;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticationTest {
    private static final String PREFIX = "/kafscale/default/";
    private static final EtcdSettings.Credentials USER = new EtcdSettings.Credentials("kafscale", "open sesame");

    @TempDir
    Path directory;

    private EtcdCluster cluster;

    @BeforeEach
    void start() {
        cluster = EtcdCluster.startSingle(directory);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void theRightPasswordOpens() throws Exception {
        EtcdAdministrator.enableAuthentication(cluster.member(), USER, PREFIX);
        try (var store = EtcdMetadataStore.open(settings().withCredentials(USER))) {
            store.check(PREFIX);
            var user = new StoreUser(store);
            var watch = new RecordedWatch();
            try (var _ = store.watch(PREFIX, user.range(PREFIX).revision() + 1, watch)) {
                watch.awaitRevision(user.put(PREFIX + "a", "1"));
            }
            Lease lease = StoreUser.await(store.grantLease(Duration.ofSeconds(5)));
            StoreUser.await(lease.revoke());
            StoreUser.await(store.compact(user.range(PREFIX).revision()));
        }
    }

    @Test
    void aTokenThatEtcdHasForgottenIsReplaced() throws Exception {
        EtcdAdministrator.enableAuthentication(cluster.member(), USER, PREFIX);
        try (var store = EtcdMetadataStore.open(settings().withCredentials(USER))) {
            // Given
            var user = new StoreUser(store);
            var watch = new RecordedWatch();
            try (var _ = store.watch(PREFIX, user.range(PREFIX).revision() + 1, watch)) {
                watch.awaitRevision(user.put(PREFIX + "a", "1"));
                Lease lease = StoreUser.await(store.grantLease(Duration.ofSeconds(5)));
                // When
                cluster.member().kill();
                cluster.member().start();
                long restarted = System.nanoTime();
                // Then
                user.createThrough(PREFIX + "b", "2");
                watch.awaitChanges(2);
                assertThat(watch.changes()).extracting(Change::key).containsExactly(PREFIX + "a", PREFIX + "b");
                StoreUser.until("the lease is confirmed", () -> lease.confirmedAtNanos() - restarted > 0);
            }
        }
    }

    @Test
    void aWrongPasswordIsSaidSo() {
        EtcdAdministrator.enableAuthentication(cluster.member(), USER, PREFIX);
        assertRefused(
                settings().withCredentials(new EtcdSettings.Credentials("kafscale", "open barley")),
                PREFIX,
                "does not know this user and password");
    }

    @Test
    void whoSaysNothingIsAskedForAUser() {
        EtcdAdministrator.enableAuthentication(cluster.member(), USER, PREFIX);
        assertRefused(settings(), PREFIX, "Set metadata.etcd.username and metadata.etcd.password");
    }

    @Test
    void whoMayNotIsToldWhatToGrant() {
        EtcdAdministrator.enableAuthentication(cluster.member(), USER, PREFIX);
        assertRefused(
                settings().withCredentials(USER),
                "/kafscale/other/",
                "user kafscale may not read and write there. Grant it: etcdctl role grant-permission");
    }

    @Test
    void aUserWhereThereAreNoneIsSaidSo() {
        assertRefused(settings().withCredentials(USER), PREFIX, "it has no users");
    }

    private EtcdSettings settings() {
        return EtcdTestSettings.of(cluster);
    }

    private static void assertRefused(EtcdSettings settings, String prefix, String why) {
        try (var store = EtcdMetadataStore.open(settings)) {
            assertThatThrownBy(() -> store.check(prefix))
                    .isInstanceOfSatisfying(
                            MetadataException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(Kind.DENIED))
                    .hasMessageContaining(why)
                    .message()
                    .doesNotContain("open sesame", "open barley");
        }
    }
}
