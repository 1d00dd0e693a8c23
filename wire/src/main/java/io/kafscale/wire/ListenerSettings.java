package io.kafscale.wire;

import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * Where a server listens and how connections to it are secured. Immutable.
 *
 * @param name the listener's name, as in Kafka's {@code listener.name.<name>.} prefix; any case
 * @param host the address to bind; empty or {@code 0.0.0.0} for all interfaces
 * @param port the port to bind; 0 for any free one, see {@link KafkaServer#boundAddress()}
 * @param protocol PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
 * @param security Kafka's own broker properties ({@code ssl.*}, {@code sasl.*}, {@code connections.max.reauth.ms},
 *     {@code principal.builder.class}), with or without the listener's prefix; empty for PLAINTEXT
 */
public record ListenerSettings(
        String name, String host, int port, SecurityProtocol protocol, Map<String, Object> security) {

    /** Checks the port and copies the properties. */
    public ListenerSettings {
        Objects.requireNonNull(name);
        Objects.requireNonNull(host);
        Objects.requireNonNull(protocol);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
        }
        security = Map.copyOf(security);
    }

    /** A listener without encryption and authentication. */
    public static ListenerSettings plaintext(String host, int port) {
        return new ListenerSettings("PLAINTEXT", host, port, SecurityProtocol.PLAINTEXT, Map.of());
    }
}
