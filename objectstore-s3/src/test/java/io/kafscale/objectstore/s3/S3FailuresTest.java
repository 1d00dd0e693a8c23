package io.kafscale.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.objectstore.s3.S3Failures.Access;
import java.io.IOException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

class S3FailuresTest {
    @Test
    void whatIsSilentIsInDoubtForAWriteAndUnavailableForARead() {
        var failures = new RuntimeException[] {
            SdkClientException.create("failed", new UnknownHostException("nowhere")),
            SdkClientException.create("failed", new SSLHandshakeException("bad certificate")),
            SdkClientException.create("failed", new IOException("connection reset")),
            ApiCallTimeoutException.create(1000),
            AbortedException.create("interrupted"),
            new IllegalStateException("a bug"),
        };
        for (var failure : failures) {
            assertThat(S3Failures.of(failure, "key", Access.WRITE).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(S3Failures.of(failure, "key", Access.READ).kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(S3Failures.of(failure, "key", Access.READ)).hasCause(failure);
        }
    }

    @Test
    void anUnknownHostIsNamed() {
        var failure = SdkClientException.create("failed", new IOException(new UnknownHostException("nowhere")));
        assertThat(S3Failures.of(failure, "key", Access.READ))
                .hasMessageContaining("the host cannot be found: nowhere");
    }

    @Test
    void withoutCredentialsNothingWasSent() {
        var none = new CredentialsChain.NoCredentials(SdkClientException.create("tried everything"));
        var failure = SdkClientException.create("no credentials", new RuntimeException(none));
        // When
        var mapped = S3Failures.of(failure, "key", Access.WRITE);
        // Then
        assertThat(mapped.kind()).isEqualTo(Kind.DENIED);
        assertThat(mapped).hasMessageContaining("no AWS credentials: tried everything");
    }

    @Test
    void ourOwnFailuresStayAsTheyAre() {
        var ours = new StorageException(Kind.TOO_LARGE, "key", "too large");
        assertThat(S3Failures.of(ours, "key", Access.READ)).isSameAs(ours);
    }
}
