package io.kafscale.wire;

import java.nio.channels.SelectionKey;
import java.util.HashMap;
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
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.utils.LogContext;

/** Makes one Kafka selector for each network thread, with the listener's security and each connection's own memory. */
final class SelectorFactory implements AutoCloseable {
    private static final String ANY_LISTENER_PREFIX = "listener.name.";

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
        var config = new AbstractConfig(BrokerSecurityConfigs.CONFIG_DEF, prefixed(settings.security(), name), false);
        return switch (settings.protocol()) {
            case PLAINTEXT -> UnencryptedChannels.plaintext(config, name);
            case SASL_PLAINTEXT ->
                UnencryptedChannels.sasl(config, name, credentials, log, version -> versions.response());
            case SSL, SASL_SSL ->
                ChannelBuilders.serverChannelBuilder(
                        name,
                        false,
                        settings.protocol(),
                        config,
                        credentials,
                        null,
                        server.time(),
                        log,
                        version -> versions.response());
        };
    }

    /** Kafka takes some of the properties, such as the JAAS configuration of a mechanism, only with the prefix. */
    private static Map<String, Object> prefixed(Map<String, Object> properties, ListenerName name) {
        var prefixed = new HashMap<String, Object>();
        properties.forEach((key, value) ->
                prefixed.put(key.startsWith(ANY_LISTENER_PREFIX) ? key : name.configPrefix() + key, value));
        return prefixed;
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
}
