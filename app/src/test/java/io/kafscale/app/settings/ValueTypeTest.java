package io.kafscale.app.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1000, 1000, 1000",
        "1048576, 1048576, 1MiB",
        "8MiB, 8388608, 8MiB",
        "8 mib, 8388608, 8MiB",
        "1536KiB, 1572864, 1536KiB",
        "2GiB, 2147483648, 2GiB",
        "3TiB, 3298534883328, 3TiB",
        "12B, 12, 12"
    })
    void sizes(String text, long bytes, String printed) {
        var size = ByteSize.parse(text);

        assertThat(size.bytes()).isEqualTo(bytes);
        assertThat(size).hasToString(printed);
        assertThat(ByteSize.parse(printed)).isEqualTo(size);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "eight", "1.5MiB", "8 bananas", "9223372036854775808", "9223372036854775807KiB"})
    void noSizes(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDecimalUnitIsRefusedBecauseItMeansTwoThings() {
        assertThatThrownBy(() -> ByteSize.parse("8mb")).hasMessageContaining("powers of 1000 or of 1024");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0ms",
        "250, 250, 250ms",
        "250ms, 250, 250ms",
        "5s, 5000, 5s",
        "90000, 90000, 90s",
        "60 s, 60000, 1m",
        "1h, 3600000, 1h",
        "7d, 604800000, 7d"
    })
    void durations(String text, long ms, String printed) {
        var duration = Durations.parse(text);

        assertThat(duration).isEqualTo(Duration.ofMillis(ms));
        assertThat(Durations.print(duration)).isEqualTo(printed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5s", "1 fortnight", "999999999999999999d"})
    void noDurations(String text) {
        assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addresses() {
        assertThat(HostPort.parse("127.0.0.1:9092")).isEqualTo(new HostPort("127.0.0.1", 9092));
        assertThat(HostPort.parse("[::1]:0")).isEqualTo(new HostPort("::1", 0)).hasToString("[::1]:0");
        assertThat(HostPort.parse("[::]:9092").isWildcard()).isTrue();
        assertThat(HostPort.parse("broker-1:9092").isWildcard()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"9092", "host", "host:", "host:65536", "::1:9092", ":9092", "PLAINTEXT://host:9092"})
    void noAddresses(String text) {
        assertThatThrownBy(() -> HostPort.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write");
    }

    @ParameterizedTest
    @CsvSource({
        "file:///srv/objects, file:///srv/objects",
        "file:/srv/objects/, file:///srv/objects",
        "file:./data/objects, file:./data/objects",
        "file:data/objects, file:./data/objects",
        "s3://bucket, s3://bucket",
        "s3://bucket/, s3://bucket",
        "s3://bucket/a/b/, s3://bucket/a/b",
        "memory:, memory:"
    })
    void storageUris(String text, String printed) {
        assertThat(StorageUri.parse(text)).hasToString(printed);
        assertThat(StorageUri.parse(printed)).isEqualTo(StorageUri.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/srv/objects", "file:", "file://host/dir", "s3:bucket", "s3://", "s3://b//c", "gs://bucket"
            })
    void noStorageUris(String text) {
        assertThatThrownBy(() -> StorageUri.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write");
    }

    @Test
    void aPathMayHoldSpacesAndPercentSigns() {
        assertThat(StorageUri.parse("file:///srv/my objects%20"))
                .isEqualTo(new StorageUri.Directory(Path.of("/srv/my objects%20")));
    }

    @Test
    void metadataUris() {
        assertThat(MetadataUri.parse("etcd://a:2379,b:2379"))
                .isEqualTo(new MetadataUri.Etcd(List.of(new HostPort("a", 2379), new HostPort("b", 2379)), false))
                .hasToString("etcd://a:2379,b:2379");
        assertThat(MetadataUri.parse("etcds://[::1]:2379"))
                .isEqualTo(new MetadataUri.Etcd(List.of(new HostPort("::1", 2379)), true))
                .hasToString("etcds://[::1]:2379");
        assertThat(MetadataUri.parse("file:./data/metadata")).hasToString("file:./data/metadata");
        assertThatThrownBy(() -> MetadataUri.parse("s3://bucket")).hasMessageContaining("write file:///dir");
    }

    @Test
    void theFlushRateFollowsThePriceOfRequestsUnlessItIsSet() {
        var bucket = StorageUri.parse("s3://bucket");
        var directory = StorageUri.parse("file:///srv");

        assertThat(FlushRate.parse("auto").perSecond(bucket)).isEqualTo(4);
        assertThat(FlushRate.parse("auto").perSecond(directory)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(FlushRate.parse("0.5").perSecond(directory)).isEqualTo(0.5);
        assertThat(FlushRate.parse("2")).hasToString("2");
        assertThat(FlushRate.parse("unlimited")).hasToString("unlimited");
        assertThatThrownBy(() -> FlushRate.parse("0")).hasMessageContaining("not a rate");
    }
}
