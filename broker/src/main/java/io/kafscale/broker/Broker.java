package io.kafscale.broker;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.coordinator.GroupCoordinatorHost;
import io.kafscale.wire.KafkaServer;
import io.kafscale.wire.NetworkListener;
import io.kafscale.wire.ServerSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A broker that serves Kafka clients. Thread-safe.
 *
 * <p>Started last and closed first by whoever built the log, the coordinator and the stores: what is handed in is not closed here.
 * At a shutdown: {@link #close()}, then the coordinator, then the log, then the stores.
 */
public final class Broker implements AutoCloseable {
    private final KafkaServer server;

    private Broker(KafkaServer server) {
        this.server = server;
    }

    /**
     * Begins to tell the coordinator of the cluster's topics and of what is set for single groups, for as long as the images go on. To
     * be called before shards of groups are acquired, once.
     */
    public static void publishTopics(BrokerContext broker, GroupCoordinatorHost groups) {
        broker.images().addListener(new GroupConfigFeed(groups::configureGroup));
        broker.images().addListener(new GroupTopicFeed(groups::publishTopics));
    }

    /**
     * Listens and serves.
     *
     * @throws IOException if the address cannot be bound; the message says which and why
     * @throws IllegalArgumentException if the security settings do not work; the message says why
     */
    public static Broker start(ServerSettings settings, BrokerContext broker, NetworkListener observer)
            throws IOException {
        return new Broker(KafkaServer.of(settings, RequestRouter.versions(), new RequestRouter(broker))
                .observedBy(observer)
                .start());
    }

    /** Where it listens, with the port that was chosen if the settings left that open. */
    public InetSocketAddress boundAddress() {
        return server.boundAddress();
    }

    /** The server, for its gauges. */
    public KafkaServer server() {
        return server;
    }

    /** Accepts no connections and requests any more, and waits for the answers to those under way as the settings say. */
    @Override
    public void close() {
        server.close();
    }

    /** Like {@link #close()}, waiting for at most {@code drainTimeout}. */
    public void close(Duration drainTimeout) {
        server.close(drainTimeout);
    }
}
