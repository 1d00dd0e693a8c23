package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdOptions;
import io.kafscale.testkit.tls.CertificateAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** etcd that speaks TLS and asks each client for a certificate. */
class TlsTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    @TempDir
    static Path directory;

    private static CertificateAuthority authority;
    private static CertificateAuthority stranger;
    private static CertificateAuthority.Issued ours;
    private static EtcdCluster cluster;

    @BeforeAll
    static void start() {
        authority = new CertificateAuthority(directory, "authority");
        stranger = new CertificateAuthority(directory, "stranger");
        ours = authority.issue("broker", "dns:broker.example.org");
        CertificateAuthority.Issued server = authority.issue("etcd", "ip:127.0.0.1");
        cluster = EtcdCluster.start(
                directory,
                1,
                EtcdOptions.DEFAULTS
                        .withTls(server.certificate(), server.key())
                        .withClientCertificates(authority.certificate()));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void bothSidesShowTheirCertificates() throws Exception {
        try (var store = EtcdMetadataStore.open(settings(authority.certificate(), ours))) {
            store.check("/");
            var user = new StoreUser(store);
            var watch = new RecordedWatch();
            try (var _ = store.watch("/", user.range("/").revision() + 1, watch)) {
                watch.awaitRevision(user.put("/a", "1"));
            }
            assertThat(store.describe()).startsWith("etcds://127.0.0.1:");
        }
    }

    @Test
    void aCertificateOfAnAuthorityThatWeDoNotTrust() {
        assertRefused(
                settings(stranger.certificate(), ours), "Name the authority's certificate in metadata.etcd.tls.ca");
    }

    @Test
    void aServerThatAsksForOurCertificate() {
        assertRefused(
                settings(authority.certificate(), null),
                "it asks for a certificate. Set metadata.etcd.tls.certificate and metadata.etcd.tls.key");
    }

    @Test
    void aServerThatDoesNotAcceptOurCertificate() {
        assertRefused(
                settings(authority.certificate(), stranger.issue("intruder", "dns:intruder.example.org")),
                "it does not accept our certificate");
    }

    @Test
    void plainTextToAServerThatSpeaksTls() {
        assertRefused(EtcdTestSettings.of(cluster), "write etcds:// instead of etcd://");
    }

    @Test
    void tlsToAServerThatSpeaksPlainText(@TempDir Path other) {
        try (var plain = EtcdCluster.startSingle(other)) {
            assertRefused(
                    EtcdTestSettings.of(plain).withTls(tls(authority.certificate(), ours)),
                    "Write etcd:// instead of etcds://");
        }
    }

    @Test
    void aCertificateForAnotherHost(@TempDir Path other) {
        CertificateAuthority.Issued elsewhere = authority.issue("elsewhere", "dns:etcd.example.org");
        try (var cluster =
                EtcdCluster.start(other, 1, EtcdOptions.DEFAULTS.withTls(elsewhere.certificate(), elsewhere.key()))) {
            assertRefused(
                    EtcdTestSettings.of(cluster).withTls(tls(authority.certificate(), null)),
                    "its certificate is for another host");
        }
    }

    @Test
    void filesThatAreNotThereOrNotWhatTheyShouldBe() throws IOException {
        Path garbage = Files.writeString(directory.resolve("garbage.pem"), "garbage");
        assertUnusable(settings(directory.resolve("absent.pem"), ours), "metadata.etcd.tls.ca", "cannot be read");
        assertUnusable(settings(garbage, ours), "metadata.etcd.tls.ca", "must be PEM");
        assertUnusable(
                settings(authority.certificate(), new CertificateAuthority.Issued(ours.certificate(), garbage)),
                "metadata.etcd.tls.key",
                "openssl pkcs8");
    }

    private static EtcdSettings settings(Path trusted, CertificateAuthority.@Nullable Issued mine) {
        return EtcdTestSettings.of(cluster).withTls(tls(trusted, mine));
    }

    private static EtcdSettings.Tls tls(Path trusted, CertificateAuthority.@Nullable Issued mine) {
        return new EtcdSettings.Tls(
                Optional.of(trusted),
                Optional.ofNullable(mine).map(issued -> new EtcdSettings.Identity(issued.certificate(), issued.key())));
    }

    private static void assertRefused(EtcdSettings settings, String why) {
        long begun = System.nanoTime();
        try (var store = EtcdMetadataStore.open(settings)) {
            assertThatThrownBy(() -> store.check("/"))
                    .isInstanceOf(MetadataException.class)
                    .hasMessageContaining(why);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(AT_ONCE);
    }

    private static void assertUnusable(EtcdSettings settings, String setting, String why) {
        assertThatThrownBy(() -> EtcdMetadataStore.open(settings).close())
                .isInstanceOf(MetadataException.class)
                .hasMessageContaining(setting)
                .hasMessageContaining(why);
    }
}
