package io.kafscale.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelBuilders;
import org.apache.kafka.common.network.ChannelMetadataRegistry;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.network.PlaintextChannelBuilder;
import org.apache.kafka.common.network.PlaintextTransportLayer;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.utils.LogContext;

/** Makes one Kafka selector for each network thread, with the listener's security and each connection's own memory. */
final class SelectorFactory implements AutoCloseable {
    private final ServerContext server;
    private final ApiVersionTable versions;
    private final CredentialCache credentials;
    private final Metrics metrics;

    SelectorFactory(ServerContext server, ApiVersionTable versions, CredentialCache credentials) {
        this.server = server;
        this.versions = versions;
        this.credentials = credentials;
        this.metrics = new Metrics(server.time());
    }

    /**
     * A selector for the thread of this index.
     *
     * @param memoryOf the memory of the connection of an id, asked for when that is registered
     * @throws KafkaException if the security settings do not work: no such key store, no such mechanism
     */
    Selector create(int index, Function<String, MemoryPool> memoryOf) {
        var log = new SelectorLog("[network " + index + "] ", server.log());
        ConnectionLimits limits = server.settings().connections();
        return new Selector(
                server.settings().requests().maxRequestBytes(),
                limits.maxIdle().toMillis(),
                (int) limits.failedAuthenticationDelay().toMillis(),
                metrics,
                server.time(),
                "network",
                Map.of("thread", Integer.toString(index)),
                false,
                new MeteredChannelBuilder(channelBuilder(log), memoryOf),
                log);
    }

    private ChannelBuilder channelBuilder(LogContext log) {
        ListenerSettings settings = server.settings().listener();
        ListenerName name = ListenerName.normalised(settings.name());
        var config = new AbstractConfig(BrokerSecurityConfigs.CONFIG_DEF, settings.security(), false);
        if (settings.protocol() == SecurityProtocol.PLAINTEXT) {
            var plaintext = new BoundedReadChannelBuilder(name);
            plaintext.configure(config.valuesWithPrefixOverride(name.configPrefix()));
            return plaintext;
        }
        return ChannelBuilders.serverChannelBuilder(
                name,
                false,
                settings.protocol(),
                config,
                credentials,
                null,
                server.time(),
                log,
                version -> versions.response());
    }

    /** Closes the registry of the selectors' own metrics; the selectors are closed before. */
    @Override
    public void close() {
        metrics.close();
    }

    /** Gives each channel its connection's memory in place of the selector's. */
    private record MeteredChannelBuilder(ChannelBuilder channels, Function<String, MemoryPool> memoryOf)
            implements ChannelBuilder {
        @Override
        public KafkaChannel buildChannel(
                String id,
                SelectionKey key,
                int maxReceiveSize,
                MemoryPool memoryPool,
                ChannelMetadataRegistry metadataRegistry) {
            return channels.buildChannel(id, key, maxReceiveSize, memoryOf.apply(id), metadataRegistry);
        }

        @Override
        public void configure(Map<String, ?> configs) {
            channels.configure(configs);
        }

        @Override
        public void close() {
            channels.close();
        }
    }

    /**
     * Plaintext channels that offer the socket a bounded piece of the request's buffer at a time. The JDK reads into heap
     * buffers by way of direct memory as large as what it is offered, and keeps that with the thread: with a request of
     * 100 MiB, so much for each network thread.
     */
    private static final class BoundedReadChannelBuilder extends PlaintextChannelBuilder {
        BoundedReadChannelBuilder(ListenerName listenerName) {
            super(listenerName);
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
