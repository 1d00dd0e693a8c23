package io.kafscale.objectstore.s3;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.testkit.s3.Fault;
import io.kafscale.testkit.s3.FaultyS3Server;
import io.kafscale.testkit.s3.S3ProxyServer;
import io.kafscale.testkit.s3.S3Request.Operation;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BucketInspectionTest {
    private final FaultyS3Server server;
    private final S3ObjectStore store;

    BucketInspectionTest() throws IOException {
        server = FaultyS3Server.start("bucket");
        store = S3ObjectStore.open(S3Settings.of(URI.create("s3://bucket/data")).at(server.endpoint(), true));
    }

    @AfterEach
    void stop() throws IOException {
        store.close();
        server.close();
    }

    private BucketReport report() {
        return await(store.checkBucket("prod"));
    }

    private StorageException refusal() {
        return failure(store.checkBucket("prod"));
    }

    @Test
    void aPlainBucketIsFine() {
        assertThat(report().versioned()).isFalse();
        assertThat(report().warnings()).isEmpty();
    }

    @Test
    void aMissingBucketIsNamed() {
        server.dropBucket();
        // Then
        assertThat(refusal().kind()).isEqualTo(Kind.DENIED);
        assertThat(refusal())
                .hasMessageContaining("the bucket s3://bucket/data at " + server.endpoint() + " does not exist")
                .hasMessageContaining("create it");
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied, s3:ListBucket",
        "403, InvalidAccessKeyId, correct the access key",
        "403, SignatureDoesNotMatch, correct the access key",
        "403, RequestTimeTooSkewed, synchronise this machine",
        "400, ExpiredToken, renew it",
        "301, PermanentRedirect, storage.s3.region",
        "400, AuthorizationHeaderMalformed, storage.s3.region",
        "500, InternalError, refuses to be listed",
    })
    void eachRefusalSaysHowToMendIt(int status, String code, String advice) {
        server.injectOnce(Operation.LIST, new Fault.Answer(status, code, "words of the store"));
        // When
        var refusal = refusal();
        // Then
        assertThat(refusal).hasMessageContaining(advice).hasMessageContaining("words of the store");
    }

    @Test
    void anUnreachableEndpointIsNamed() throws IOException {
        server.close();
        // Then
        assertThat(refusal())
                .hasMessageContaining("cannot reach s3://bucket/data at " + server.endpoint())
                .hasMessageContaining("Check storage.s3.endpoint")
                .hasMessageNotContaining("path-style");
    }

    @Test
    void anUnreachableHostThatBearsTheBucketsNameHintsAtPathStyle() {
        var endpoint = URI.create("http://nowhere.invalid:9000");
        try (var lost =
                S3ObjectStore.open(S3Settings.of(URI.create("s3://bucket")).at(endpoint, false))) {
            assertThat(failure(lost.checkBucket("prod")))
                    .hasMessageContaining("bucket.nowhere.invalid")
                    .hasMessageContaining("storage.s3.path-style");
        }
    }

    @Test
    void wrongKeysAreFoundOutByAServerThatChecksThem() {
        String right = System.getProperty("aws.secretAccessKey");
        System.setProperty("aws.secretAccessKey", "wrong");
        try (var s3proxy = S3ProxyServer.start("bucket");
                var wrong = S3ObjectStore.open(
                        S3Settings.of(URI.create("s3://bucket")).at(s3proxy.endpoint(), true))) {
            // When
            var refusal = failure(wrong.checkBucket("prod"));
            // Then
            assertThat(refusal.kind()).isEqualTo(Kind.DENIED);
            assertThat(refusal)
                    .hasMessageContaining("SignatureDoesNotMatch")
                    .hasMessageContaining("correct the access key");
        } finally {
            System.setProperty("aws.secretAccessKey", right);
        }
    }

    @Test
    void s3ProxyPassesThoughItKnowsNoLifecycle() {
        try (var s3proxy = S3ProxyServer.start("bucket");
                var fine = S3ObjectStore.open(
                        S3Settings.of(URI.create("s3://bucket")).at(s3proxy.endpoint(), true))) {
            assertThat(await(fine.checkBucket("prod")).warnings()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<Filter><Prefix></Prefix></Filter>",
                "<Filter><Prefix>data/</Prefix></Filter>",
                "<Filter><Prefix>data/prod/topic</Prefix></Filter>",
                "<Filter><And><Prefix>data/prod/</Prefix><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></And></Filter>",
                "<Prefix>data</Prefix>",
            })
    void aRuleThatExpiresOurObjectsRefusesTheStart(String scope) {
        server.lifecycle(lifecycle("Enabled", scope, "<Expiration><Days>30</Days></Expiration>"));
        // Then
        assertThat(refusal().kind()).isEqualTo(Kind.INVALID);
        assertThat(refusal()).hasMessageContaining("'the-rule'").hasMessageContaining("data/prod/");
    }

    @ParameterizedTest
    @CsvSource({
        "Disabled, <Filter><Prefix></Prefix></Filter>",
        "Enabled, <Filter><Prefix>data/other/</Prefix></Filter>",
        "Enabled, <Filter><Prefix>logs</Prefix></Filter>",
        "Enabled, <Filter><Tag><Key>temporary</Key><Value>yes</Value></Tag></Filter>",
    })
    void aRuleForOtherObjectsDoesNotMatter(String status, String scope) {
        server.lifecycle(lifecycle(status, scope, "<Expiration><Days>30</Days></Expiration>"));
        // Then
        assertThat(report().warnings()).isEmpty();
    }

    @Test
    void unfinishedUploadsMayBeCleanedUp() {
        server.lifecycle(lifecycle(
                "Enabled",
                "<Filter><Prefix></Prefix></Filter>",
                "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
                        + "</AbortIncompleteMultipartUpload>"));
        // Then
        assertThat(report().warnings()).isEmpty();
    }

    @Test
    void movingObjectsToAnArchiveWarns() {
        server.lifecycle(lifecycle(
                "Enabled",
                "<Filter><Prefix>data/</Prefix></Filter>",
                "<Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>"));
        // Then
        assertThat(report().warnings()).singleElement().asString().contains("GLACIER");
    }

    @Test
    void versioningWithoutExpiryOfOldVersionsWarnsWithItsCost() {
        server.versioning("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        // Then
        assertThat(report().versioned()).isTrue();
        assertThat(report().warnings()).singleElement().asString().contains("paid for", "NoncurrentVersionExpiration");
        server.lifecycle(lifecycle(
                "Enabled",
                "<Filter><Prefix>data/</Prefix></Filter>",
                "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"));
        assertThat(report().versioned()).isTrue();
        assertThat(report().warnings()).isEmpty();
    }

    @Test
    void aBucketThatMayNotBeAskedIsTrusted() {
        server.inject(
                10,
                request -> request.operation() == Operation.GET_LIFECYCLE
                        || request.operation() == Operation.GET_VERSIONING,
                Fault.accessDenied());
        // Then
        assertThat(report()).isEqualTo(new BucketReport(false, List.of()));
    }

    private static String lifecycle(String status, String scope, String action) {
        return "<LifecycleConfiguration><Rule><ID>the-rule</ID><Status>" + status + "</Status>" + scope + action
                + "</Rule></LifecycleConfiguration>";
    }
}
