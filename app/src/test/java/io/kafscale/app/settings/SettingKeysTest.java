package io.kafscale.app.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SettingKeysTest {
    /** The contract with everybody who has a configuration file: a change here is a change they must be told about. */
    @Test
    void keysTypesAndDefaults() {
        String table = SettingKeys.all().stream()
                .map(setting -> setting.key() + " | " + setting.type().label() + " | " + setting.defaultText())
                .collect(Collectors.joining("\n"));

        assertThat(table).isEqualTo("""
                node.id | integer | 1
                broker.rack | name |\s
                namespace | name | default
                shutdown.timeout | duration | 30s
                listen | host:port | 127.0.0.1:9092
                advertised | host:port |\s
                metrics.listen | host:port |\s
                control.listen | host:port |\s
                network.threads | integer | 3
                socket.request.max.bytes | size | 100MiB
                queued.request.bytes | size | 128MiB
                max.connections | integer | 10000
                connections.max.idle.ms | duration | 10m
                fetch.max.bytes | size | 55MiB
                produce.validation | choice | full
                storage.uri | URI | file:./data/objects
                storage.s3.endpoint | URL |\s
                storage.s3.region | name |\s
                storage.s3.path-style | boolean | false
                storage.s3.checksums | choice | automatic
                storage.unavailable.fetch.error | choice | unknown-server-error
                metadata.uri | URI | file:./data/metadata
                metadata.etcd.username | text |\s
                metadata.etcd.password | secret |\s
                metadata.etcd.tls.ca | file |\s
                metadata.etcd.tls.certificate | file |\s
                metadata.etcd.tls.key | file |\s
                wal.flush.rate | rate | auto
                wal.flush.bytes | size | 8MiB
                wal.buffer.bytes | size | 128MiB
                segment.bytes | size | 64MiB
                segment.ms | duration | 1h
                cache.bytes | size | 64MiB
                tail.cache.bytes | size | 64MiB
                auto.create.topics | boolean | true
                num.partitions | integer | 1
                group.initial.rebalance.delay.ms | duration | 3s
                group.min.session.timeout.ms | duration | 6s
                group.max.session.timeout.ms | duration | 30m
                offsets.retention.ms | duration | 7d""");
    }

    @Test
    void everyDefaultIsWrittenAsItIsPrinted() {
        assertThat(SettingKeys.all())
                .allSatisfy(setting ->
                        assertThat(setting.canonical(setting.defaultText())).isEqualTo(setting.defaultText()));
    }

    @Test
    void everyExampleIsAValueOfItsType() {
        assertThat(SettingKeys.all())
                .allSatisfy(setting ->
                        assertThat(setting.canonical(setting.example())).isNotEmpty());
    }

    @Test
    void noTwoKeysShareAnEnvironmentVariable() {
        assertThat(SettingKeys.all()).extracting(Setting::environmentVariable).doesNotHaveDuplicates();
        assertThat(SettingKeys.S3_PATH_STYLE.environmentVariable()).isEqualTo("KAFSCALE_STORAGE_S3_PATH_STYLE");
    }
}
