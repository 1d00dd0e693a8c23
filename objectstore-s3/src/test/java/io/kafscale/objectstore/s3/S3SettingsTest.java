package io.kafscale.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3SettingsTest {
    @Test
    void aLocationIsABucketAndAPrefix() {
        var settings = S3Settings.of(URI.create("s3://my-bucket/a/b/"));
        assertThat(settings.bucket()).isEqualTo("my-bucket");
        assertThat(settings.prefix()).isEqualTo("a/b");
        assertThat(settings.inBucket("c/d")).isEqualTo("a/b/c/d");
        assertThat(settings.inStore("a/b/c/d")).isEqualTo("c/d");
        assertThat(S3Settings.of(URI.create("s3://my-bucket")).inBucket("c")).isEqualTo("c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///data", "s3:///prefix", "s3:bucket", "s3://bucket/a//b", "s3://bucket/a/../b"})
    void whatIsNoLocationIsRefused(String uri) {
        assertThatThrownBy(() -> S3Settings.of(URI.create(uri))).isInstanceOf(RuntimeException.class);
    }

    @Test
    void checksumsAreLeftOutOnlyWhereTheStoreMayNotKnowThem() {
        var aws = S3Settings.of(URI.create("s3://bucket"));
        var other = aws.at(URI.create("http://127.0.0.1:1"), true);
        assertThat(aws.effectiveChecksums()).isEqualTo(ChecksumMode.WHEN_SUPPORTED);
        assertThat(other.effectiveChecksums()).isEqualTo(ChecksumMode.WHEN_REQUIRED);
        assertThat(other.with(ChecksumMode.WHEN_SUPPORTED).effectiveChecksums()).isEqualTo(ChecksumMode.WHEN_SUPPORTED);
    }

    @Test
    void largeTransfersGetMoreTime() {
        assertThat(S3Timeouts.DEFAULT.forPut(0)).isEqualTo(Duration.ofSeconds(15));
        assertThat(S3Timeouts.DEFAULT.forPut(64 << 20)).isEqualTo(Duration.ofSeconds(79));
        assertThat(S3Timeouts.DEFAULT.forRead(1 << 20)).isEqualTo(Duration.ofSeconds(11));
    }
}
