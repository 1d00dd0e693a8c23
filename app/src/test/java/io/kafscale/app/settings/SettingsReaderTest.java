package io.kafscale.app.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.etcd.EtcdSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    @TempDir
    Path directory;

    @Test
    void withoutAnySourceTheDefaultsAreATypedWhole() {
        var settings = read(Map.of()).typed();

        assertThat(settings.network().listen()).hasToString("127.0.0.1:9092");
        assertThat(settings.storage().uri()).isEqualTo(new StorageUri.Directory(Path.of("data/objects")));
        assertThat(settings.metadata().uri()).isEqualTo(new MetadataUri.Directory(Path.of("data/metadata")));
        assertThat(settings.log().flushRatePerSecond()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(settings.log().flushBytes()).isEqualTo(8 << 20);
        assertThat(settings.requests().unavailableFetchError()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
        assertThat(settings.topics().autoCreate()).isTrue();
    }

    @Test
    void theDefaultsOfTheLogAreTheLogsOwn() {
        assertThat(read(Map.of()).typed().log()).isEqualTo(io.kafscale.log.LogSettings.defaults());
    }

    @Test
    void laterSourcesWin() throws IOException {
        var file = file("""
                node.id: 7
                namespace: from-file
                num.partitions: 2
                """);

        var values = SettingsReader.read(
                Optional.of(file),
                Map.of("KAFSCALE_NAMESPACE", "from-environment", "KAFSCALE_NUM_PARTITIONS", "3", "PATH", "/bin"),
                List.of("num.partitions=4", "num.partitions=5"));

        assertThat(values.typed().node())
                .isEqualTo(new KafscaleSettings.Node(7, Optional.empty(), "from-environment", Duration.ofSeconds(30)));
        assertThat(values.typed().topics().partitions()).isEqualTo(5);
        assertThat(values.valueOf(SettingKeys.NODE_ID).source()).hasToString("file " + file);
        assertThat(values.valueOf(SettingKeys.NAMESPACE).source()).hasToString("environment KAFSCALE_NAMESPACE");
        assertThat(values.valueOf(SettingKeys.NUM_PARTITIONS).source()).hasToString("--set");
        assertThat(values.valueOf(SettingKeys.LISTEN).source()).hasToString("default");
    }

    @Test
    void aFileMayNestItsKeysOrDotThem() throws IOException {
        var file = file("""
                storage:
                  uri: s3://bucket/prefix
                  s3:
                    region: eu-central-1
                    path-style: true
                storage.s3.endpoint: http://127.0.0.1:9000
                segment: {bytes: 16MiB, ms: 250}
                """);

        var settings =
                SettingsReader.read(Optional.of(file), Map.of(), List.of()).typed();

        assertThat(settings.storage().uri()).isEqualTo(new StorageUri.S3("bucket", "prefix"));
        assertThat(settings.storage().s3().region()).contains("eu-central-1");
        assertThat(settings.storage().s3().pathStyle()).isTrue();
        assertThat(settings.storage().s3().endpoint()).hasToString("Optional[http://127.0.0.1:9000]");
        assertThat(settings.log().segmentBytes()).isEqualTo(16 << 20);
        assertThat(settings.log().segmentAge()).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.log().flushRatePerSecond()).isEqualTo(4);
    }

    @Test
    void anEmptyFileSaysNothing() throws IOException {
        assertThat(SettingsReader.read(Optional.of(file("# nothing\n")), Map.of(), List.of())
                        .typed())
                .isEqualTo(read(Map.of()).typed());
    }

    @Test
    void filesThatCannotBeReadAreNamedWithTheReason() throws IOException {
        assertFileRefused(directory.resolve("absent.yaml"), "absent.yaml does not exist");
        assertFileRefused(file("listen: [a, b]"), "has a list or a bare value where key: value is expected, at listen");
        assertFileRefused(file("just words"), "has a list or a bare value");
        assertFileRefused(file("listen: \"x"), "is not YAML at line");
        assertFileRefused(file("node.id: 1\nnode: {id: 2}"), "says node.id twice");
        assertFileRefused(file("listen: a:1\nlisten: b:1"), "Duplicate field 'listen'");
    }

    @Test
    void anUnknownKeyIsAnErrorWithASuggestion() {
        assertRefused("wal.flush.rat=4", "There is no setting 'wal.flush.rat' (--set). Did you mean wal.flush.rate?");
        assertRefused("s3.region=x", "Did you mean storage.s3.region?");
        assertRefused("storage=x", "Did you mean storage.uri?");
        assertRefused("LISTEN.ADDRESS=x", "'kafscale config' lists them all.");
        assertRefused("produce.validation=none", "is none of the choices: full, header");
        assertRefused("listen", "is not an assignment; write --set key=value");
    }

    @Test
    void anUnknownVariableThatIsMeantForUsIsAnErrorToo() {
        assertThatThrownBy(() -> read(Map.of("KAFSCALE_STORAGE_URL", "memory:")))
                .isInstanceOf(SettingsException.class)
                .hasMessage("There is no setting behind the environment variable KAFSCALE_STORAGE_URL."
                        + " Did you mean KAFSCALE_STORAGE_URI?");
    }

    @Test
    void variablesOfTheLauncherAndOfKubernetesAreNone() {
        var values = read(Map.of(
                "KAFSCALE_HEAP", "1g",
                "KAFSCALE_JAVA", "/opt/jdk",
                "KAFSCALE_SERVICE_HOST", "10.0.0.7",
                "KAFSCALE_BROKER_SERVICE_PORT_KAFKA", "9092",
                "KAFSCALE_PORT", "tcp://10.0.0.7:9092",
                "KAFSCALE_PORT_9092_TCP_ADDR", "10.0.0.7"));

        assertThat(values.values())
                .allSatisfy(value -> assertThat(value.source()).hasToString("default"));
    }

    @Test
    void aWrongValueIsNamedWithKeyValueSourceAndRemedy() {
        assertThatThrownBy(() -> read(Map.of("KAFSCALE_WAL_FLUSH_BYTES", "8 bananas", "KAFSCALE_NODE_ID", "-3")))
                .isInstanceOf(SettingsException.class)
                .hasMessage(String.join(
                        System.lineSeparator(),
                        "node.id = '-3' (environment KAFSCALE_NODE_ID) is outside of 0 to 2147483647.",
                        "wal.flush.bytes = '8 bananas' (environment KAFSCALE_WAL_FLUSH_BYTES) has no size unit we know;"
                                + " the units are B, KiB, MiB, GiB, TiB."));
    }

    @Test
    void whatThisVersionDoesNotHaveIsRefusedNotIgnored() {
        assertContradiction(List.of("metrics.listen=127.0.0.1:9095"), "not built yet");
        assertContradiction(List.of("control.listen=127.0.0.1:9096"), "not built yet");
    }

    @Test
    void settingsOfEtcdWantAnEtcd() {
        assertContradiction(List.of("metadata.etcd.username=u", "metadata.etcd.password=p"), "is another store");
        String plain = "metadata.uri=etcd://a:2379";
        assertContradiction(List.of(plain, "metadata.etcd.tls.ca=ca.pem"), "write etcds://");
        assertContradiction(List.of(plain, "metadata.etcd.username=u"), "without metadata.etcd.password");
        assertContradiction(List.of(plain, "metadata.etcd.password=p"), "without metadata.etcd.username");
        assertContradiction(
                List.of("metadata.uri=etcds://a:2379", "metadata.etcd.tls.key=k"),
                "without metadata.etcd.tls.certificate");
    }

    @Test
    void aPasswordIsShownToNobody() {
        var values = SettingsReader.read(
                Optional.empty(),
                Map.of(),
                List.of("metadata.uri=etcd://a:2379", "metadata.etcd.password=open sesame"));
        assertThat(values.values()).asString().doesNotContain("sesame").contains("metadata.etcd.password=(hidden)");
        assertThatThrownBy(values::typed).message().doesNotContain("sesame").contains("(hidden)");
        var complete = SettingsReader.read(
                Optional.empty(),
                Map.of("KAFSCALE_METADATA_ETCD_PASSWORD", "open sesame", "KAFSCALE_METADATA_ETCD_USERNAME", "ali"),
                List.of("metadata.uri=etcd://a:2379"));
        var credentials = complete.typed().metadata().etcd().credentials();
        assertThat(credentials).contains(new EtcdSettings.Credentials("ali", "open sesame"));
        assertThat(complete.typed()).asString().doesNotContain("sesame");
    }

    @Test
    void contradictionsAreRefused() {
        assertContradiction(List.of("listen=0.0.0.0:9092"), "set advertised=host:port");
        assertContradiction(List.of("advertised=0.0.0.0:9092"), "is no address a client can connect to");
        assertContradiction(List.of("storage.uri=memory:"), "set metadata.uri=memory: too");
        assertContradiction(
                List.of("storage.uri=file:./x", "metadata.uri=file:./x"), "give each a directory of its own");
        assertContradiction(List.of("queued.request.bytes=1MiB"), "is less than socket.request.max.bytes = '100MiB'");
        assertContradiction(List.of("wal.buffer.bytes=1MiB"), "is less than wal.flush.bytes = '8MiB' (default)");
    }

    private void assertContradiction(List<String> assignments, String message) {
        var values = SettingsReader.read(Optional.empty(), Map.of(), assignments);
        assertThatThrownBy(values::typed)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("(--set)");
    }

    private void assertRefused(String assignment, String message) {
        assertThatThrownBy(() -> SettingsReader.read(Optional.empty(), Map.of(), List.of(assignment)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(message);
    }

    private void assertFileRefused(Path file, String message) {
        assertThatThrownBy(() -> SettingsReader.read(Optional.of(file), Map.of(), List.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(message);
    }

    private EffectiveSettings read(Map<String, String> environment) {
        return SettingsReader.read(Optional.empty(), environment, List.of());
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "kafscale", ".yaml"), yaml);
    }
}
