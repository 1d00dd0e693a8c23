package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static io.kafscale.wire.Requests.PRODUCE_VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.wire.ManualHandler.Pending;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.SaslAuthenticateResponse;
import org.apache.kafka.common.requests.SaslHandshakeResponse;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.internals.ScramCredentialUtils;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS and SASL with Kafka's own client, and what re-authentication means for a pipeline. */
class SecurityTest extends ServerFixture {
    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";
    private static final String SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule";

    @TempDir
    Path directory;

    private final AtomicReference<RequestContext> lastContext = new AtomicReference<>();
    private final AtomicReference<InetSocketAddress> address = new AtomicReference<>();

    /** Answers what an admin client needs to list one topic. */
    private CompletableFuture<AbstractResponse> oneTopic(
            RequestContext context, AbstractRequest request, RequestBuffer buffer) {
        lastContext.set(context);
        return switch (request) {
            case ApiVersionsRequest hello -> CompletableFuture.completedFuture(VERSIONS.answer(hello));
            case MetadataRequest metadata -> CompletableFuture.completedFuture(metadata(metadata.version()));
            default -> CompletableFuture.failedFuture(new IllegalStateException(request.toString()));
        };
    }

    private AbstractResponse metadata(short version) {
        var data = new MetadataResponseData().setClusterId("c").setControllerId(1);
        data.brokers()
                .add(new MetadataResponseBroker()
                        .setNodeId(1)
                        .setHost(address.get().getHostString())
                        .setPort(address.get().getPort()));
        data.topics().add(new MetadataResponseTopic().setName("orders").setPartitions(List.of()));
        return new MetadataResponse(data, version);
    }

    private KafkaServer startSecured(
            SecurityProtocol protocol,
            Map<String, Object> properties,
            CredentialCache credentials,
            RequestHandler handler)
            throws IOException {
        var listener = new ListenerSettings("external", "127.0.0.1", 0, protocol, properties);
        var settings =
                new ServerSettings(listener, 2, RequestLimits.DEFAULTS, ConnectionLimits.DEFAULTS, Duration.ZERO);
        KafkaServer server = keep(KafkaServer.of(settings, VERSIONS, handler)
                .observedBy(events)
                .withCredentials(credentials)
                .start());
        address.set(server.boundAddress());
        return server;
    }

    private Map<String, Object> topicNames(Map<String, Object> security) throws Exception {
        var properties = new HashMap<>(security);
        properties.put(
                "bootstrap.servers",
                address.get().getHostString() + ":" + address.get().getPort());
        try (Admin admin = Admin.create(properties)) {
            return new HashMap<>(admin.listTopics().namesToListings().get());
        }
    }

    private static Map<String, Object> login(String protocol, String mechanism, String module, String password) {
        return new HashMap<>(Map.of(
                "security.protocol", protocol,
                "sasl.mechanism", mechanism,
                "sasl.jaas.config", module + " required username=\"alice\" password=\"" + password + "\";"));
    }

    private static Map<String, Object> plainUsers() {
        return new HashMap<>(Map.of(
                "sasl.enabled.mechanisms", "PLAIN", "plain.sasl.jaas.config", PLAIN + " required user_alice=\"pw\";"));
    }

    @Test
    void plainOverPlaintext() throws Exception {
        startSecured(SecurityProtocol.SASL_PLAINTEXT, plainUsers(), new CredentialCache(), this::oneTopic);
        assertThat(topicNames(login("SASL_PLAINTEXT", "PLAIN", PLAIN, "pw"))).containsOnlyKeys("orders");
        assertThat(lastContext.get().principal.toString()).isEqualTo("User:alice");
        assertThat(lastContext.get().clientInformation.softwareName()).isEqualTo("apache-kafka-java");
    }

    @Test
    void aWrongPasswordIsRefusedForGood() throws Exception {
        startSecured(SecurityProtocol.SASL_PLAINTEXT, plainUsers(), new CredentialCache(), this::oneTopic);
        assertThatThrownBy(() -> topicNames(login("SASL_PLAINTEXT", "PLAIN", PLAIN, "wrong")))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SaslAuthenticationException.class);
    }

    @Test
    void scramOverTls() throws Exception {
        TestCertificate certificate = TestCertificate.in(directory);
        var cache = new CredentialCache();
        ScramCredentialUtils.createCache(cache, List.of("SCRAM-SHA-512"));
        cache.cache("SCRAM-SHA-512", ScramCredential.class)
                .put("alice", new ScramFormatter(ScramMechanism.SCRAM_SHA_512).generateCredential("pw", 4096));
        var properties = new HashMap<>(certificate.serverProperties());
        properties.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
        properties.put("listener.name.external.scram-sha-512.sasl.jaas.config", SCRAM + " required;");
        startSecured(SecurityProtocol.SASL_SSL, properties, cache, this::oneTopic);

        var client = login("SASL_SSL", "SCRAM-SHA-512", SCRAM, "pw");
        client.putAll(certificate.clientProperties());
        assertThat(topicNames(client)).containsOnlyKeys("orders");
        assertThat(lastContext.get().principal.getName()).isEqualTo("alice");
    }

    @Test
    void aPlaintextClientOnATlsListenerIsClosed() throws Exception {
        TestCertificate certificate = TestCertificate.in(directory);
        KafkaServer server = startSecured(
                SecurityProtocol.SSL, certificate.serverProperties(), new CredentialCache(), this::oneTopic);
        RawClient client = connect(server);
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        events.await("closed");
        await("connection gone", () -> server.connections() == 0);
    }

    private static void handshake(RawClient client) throws IOException {
        int id = client.send(ApiKeys.SASL_HANDSHAKE, 1, new SaslHandshakeRequestData().setMechanism("PLAIN"));
        SaslHandshakeResponse response = client.receive(ApiKeys.SASL_HANDSHAKE, 1, id);
        assertThat(response.error()).isEqualTo(Errors.NONE);
    }

    private static void authenticate(RawClient client) throws IOException {
        byte[] token = "\0alice\0pw".getBytes(StandardCharsets.UTF_8);
        int id = client.send(ApiKeys.SASL_AUTHENTICATE, 2, new SaslAuthenticateRequestData().setAuthBytes(token));
        SaslAuthenticateResponse response = client.receive(ApiKeys.SASL_AUTHENTICATE, 2, id);
        assertThat(response.error()).isEqualTo(Errors.NONE);
    }

    @Test
    void reauthenticationWaitsForTheResponsesUnderWay() throws Exception {
        // Given
        var handler = new ManualHandler();
        var properties = plainUsers();
        properties.put("connections.max.reauth.ms", 60_000L);
        KafkaServer server = startSecured(SecurityProtocol.SASL_PLAINTEXT, properties, new CredentialCache(), handler);
        RawClient client = connect(server);
        handshake(client);
        authenticate(client);
        int first = client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, 100));
        int second = client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, 100));
        Pending firstOpen = handler.next();
        Pending secondOpen = handler.next();
        // When
        int again = client.send(ApiKeys.SASL_HANDSHAKE, 1, new SaslHandshakeRequestData().setMechanism("PLAIN"));
        events.await("paused REAUTHENTICATION");
        secondOpen.reply();
        firstOpen.reply();
        // Then
        assertThat(client.receiveCorrelationId()).isEqualTo(first);
        assertThat(client.receiveCorrelationId()).isEqualTo(second);
        SaslHandshakeResponse response = client.receive(ApiKeys.SASL_HANDSHAKE, 1, again);
        assertThat(response.error()).isEqualTo(Errors.NONE);
        authenticate(client);
        int third = client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        handler.next().reply();
        assertThat(client.receiveCorrelationId()).isEqualTo(third);
        await("no bytes held", () -> server.requestBytesInFlight() == 0);
    }

    @Test
    void anExpiredSessionIsClosed() throws Exception {
        var handler = new ManualHandler();
        var properties = plainUsers();
        properties.put("connections.max.reauth.ms", 1L);
        RawClient client =
                connect(startSecured(SecurityProtocol.SASL_PLAINTEXT, properties, new CredentialCache(), handler));
        handshake(client);
        authenticate(client);
        long authenticated = System.nanoTime();
        await("the session of 1 ms is over", () -> System.nanoTime() - authenticated > 20_000_000);
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        assertThat(client.isClosedByServer()).isTrue();
        assertThat(events.await("rejected")).contains("expired");
    }

    @Test
    void aRequestBeforeAuthenticationIsClosed() throws Exception {
        RawClient client = connect(
                startSecured(SecurityProtocol.SASL_PLAINTEXT, plainUsers(), new CredentialCache(), this::oneTopic));
        client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        assertThat(client.isClosedByServer()).isTrue();
    }
}
