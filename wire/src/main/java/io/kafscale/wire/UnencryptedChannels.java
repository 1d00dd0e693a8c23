package io.kafscale.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelMetadataRegistry;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.network.PlaintextChannelBuilder;
import org.apache.kafka.common.network.PlaintextTransportLayer;
import org.apache.kafka.common.network.SaslChannelBuilder;
import org.apache.kafka.common.network.TransportLayer;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/**
 * Kafka's channels without encryption, PLAINTEXT and SASL_PLAINTEXT, except that they offer the socket a bounded piece of
 * a request's buffer at a time. The JDK reads into heap buffers by way of direct memory as large as what it is offered,
 * and keeps that with the thread: after one request of 100 MiB, so much for each network thread. TLS reads by the record.
 */
final class UnencryptedChannels {
    private UnencryptedChannels() {}

    static ChannelBuilder plaintext(AbstractConfig config, ListenerName listener) {
        var channels = new BoundedPlaintext(listener);
        channels.configure(config.valuesWithPrefixOverride(listener.configPrefix()));
        return channels;
    }

    /** As {@code ChannelBuilders.serverChannelBuilder} does it for this protocol. */
    static ChannelBuilder sasl(
            AbstractConfig config,
            ListenerName listener,
            CredentialCache credentials,
            LogContext log,
            Function<Short, ApiVersionsResponse> versions) {
        Map<String, Object> properties = config.valuesWithPrefixOverride(listener.configPrefix());
        config.originals().forEach(properties::putIfAbsent);
        var jaas = new HashMap<String, JaasContext>();
        Object mechanisms = properties.get(BrokerSecurityConfigs.SASL_ENABLED_MECHANISMS_CONFIG);
        for (Object mechanism : (List<?>) Objects.requireNonNull(mechanisms)) {
            jaas.put(mechanism.toString(), JaasContext.loadServerContext(listener, mechanism.toString(), properties));
        }
        var channels = new BoundedSasl(jaas, listener, credentials, log, versions);
        channels.configure(properties);
        return channels;
    }

    private static final class BoundedPlaintext extends PlaintextChannelBuilder {
        BoundedPlaintext(ListenerName listener) {
            super(listener);
        }

        @Override
        protected PlaintextTransportLayer buildTransportLayer(SelectionKey key) {
            try {
                return new BoundedReadTransport(key);
            } catch (IOException e) {
                throw new KafkaException(e);
            }
        }
    }

    private static final class BoundedSasl extends SaslChannelBuilder {
        BoundedSasl(
                Map<String, JaasContext> jaas,
                ListenerName listener,
                CredentialCache credentials,
                LogContext log,
                Function<Short, ApiVersionsResponse> versions) {
            super(
                    ConnectionMode.SERVER,
                    jaas,
                    SecurityProtocol.SASL_PLAINTEXT,
                    listener,
                    false,
                    null,
                    credentials,
                    null,
                    null,
                    Time.SYSTEM,
                    log,
                    versions);
        }

        @Override
        protected TransportLayer buildTransportLayer(
                String id, SelectionKey key, SocketChannel socket, ChannelMetadataRegistry registry)
                throws IOException {
            return new BoundedReadTransport(key);
        }
    }

    private static final class BoundedReadTransport extends PlaintextTransportLayer {
        private static final int READ_BYTES = 256 * 1024;

        BoundedReadTransport(SelectionKey key) throws IOException {
            super(key);
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int limit = target.limit();
            target.limit(target.position() + Math.min(READ_BYTES, target.remaining()));
            try {
                return super.read(target);
            } finally {
                target.limit(limit);
            }
        }
    }
}
