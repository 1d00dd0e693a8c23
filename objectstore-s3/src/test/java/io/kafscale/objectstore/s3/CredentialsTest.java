package io.kafscale.objectstore.s3;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.testkit.s3.FaultyS3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The credentials chain, with nothing on it but what each test puts there. */
class CredentialsTest {
    private final Properties before = new Properties();
    private final FaultyS3Server server;

    CredentialsTest() throws IOException {
        server = FaultyS3Server.start("bucket");
    }

    @BeforeEach
    void forgetTheKeys() {
        before.putAll(System.getProperties());
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @AfterEach
    void restore() throws IOException {
        System.setProperties(before);
        server.close();
    }

    private S3ObjectStore open() {
        return S3ObjectStore.open(S3Settings.of(URI.create("s3://bucket")).at(server.endpoint(), true));
    }

    @Test
    void withoutCredentialsTheStartSaysWhatToSet() {
        try (var store = open()) {
            // When
            var refusal = failure(store.checkBucket("prod"));
            // Then
            assertThat(refusal.kind()).isEqualTo(Kind.DENIED);
            assertThat(refusal)
                    .hasMessageContaining("no AWS credentials for s3://bucket")
                    .hasMessageContaining("AWS_ACCESS_KEY_ID")
                    .hasMessageNotContaining("CredentialsProvider");
            assertThat(failure(store.get("object", 1)).kind()).isEqualTo(Kind.DENIED);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void aWebIdentityTokenIsExchangedForCredentials(@TempDir Path directory) throws IOException {
        List<String> exchanges = new CopyOnWriteArrayList<>();
        HttpServer sts = fakeSts(exchanges);
        try {
            var token = Files.writeString(directory.resolve("token"), "the-token");
            System.setProperty("aws.webIdentityTokenFile", token.toString());
            System.setProperty("aws.roleArn", "arn:aws:iam::123456789012:role/broker");
            System.setProperty("aws.roleSessionName", "test");
            System.setProperty(
                    "aws.endpointUrlSts", "http://127.0.0.1:" + sts.getAddress().getPort());
            try (var store = open()) {
                // When
                var page = await(store.list("", "", 10));
                // Then
                assertThat(page.objects()).isEmpty();
                assertThat(exchanges).singleElement().asString().contains("WebIdentityToken=the-token", "RoleArn=");
                assertThat(server.requests().getFirst().headers())
                        .containsEntry("x-amz-security-token", "session-token")
                        .satisfies(headers ->
                                assertThat(headers.get("authorization")).contains("Credential=ASIATEST/"));
            }
        } finally {
            sts.stop(0);
        }
    }

    @Test
    void aContainersCredentialsAreAskedFor() throws IOException {
        HttpServer agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        agent.createContext("/credentials", exchange -> {
            byte[] body =
                    ("{\"AccessKeyId\":\"ASIACONTAINER\",\"SecretAccessKey\":\"s\",\"Token\":\"t\",\"Expiration\":\""
                                    + Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS) + "\"}")
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        agent.start();
        try {
            System.setProperty(
                    "aws.containerCredentialsFullUri",
                    "http://127.0.0.1:" + agent.getAddress().getPort() + "/credentials");
            try (var store = open()) {
                // When
                await(store.list("", "", 10));
                // Then
                assertThat(server.requests().getFirst().headers().get("authorization"))
                        .contains("Credential=ASIACONTAINER/");
            }
        } finally {
            agent.stop(0);
        }
    }

    @Test
    void onAwsTheRegionMustBeKnownAndElsewhereItNeedNot() {
        System.clearProperty("aws.region");
        // When
        var refusal = catchThrowableOfType(
                StorageException.class, () -> S3ObjectStore.open(S3Settings.of(URI.create("s3://bucket"))));
        // Then
        assertThat(refusal.kind()).isEqualTo(Kind.INVALID);
        assertThat(refusal).hasMessageContaining("set storage.s3.region");
        try (var store = open()) {
            assertThat(store.describe()).isEqualTo("s3://bucket at " + server.endpoint());
        }
    }

    private static HttpServer fakeSts(List<String> exchanges) throws IOException {
        HttpServer sts = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sts.createContext("/", exchange -> {
            exchanges.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            String expiry = Instant.now()
                    .plus(1, ChronoUnit.HOURS)
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString();
            byte[] body = ("<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                            + "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIATEST</AccessKeyId>"
                            + "<SecretAccessKey>secret</SecretAccessKey><SessionToken>session-token</SessionToken>"
                            + "<Expiration>" + expiry + "</Expiration></Credentials>"
                            + "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().putAll(Map.of("Content-Type", List.of("text/xml")));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        sts.start();
        return sts;
    }
}
