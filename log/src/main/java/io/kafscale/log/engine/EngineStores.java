package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.log.wal.StreamReader;
import io.kafscale.log.wal.StreamSealer;
import io.kafscale.log.wal.WalSettings;
import io.kafscale.log.wal.WalStore;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.TopicStore;

/** What the engine keeps in the metadata store, and how it reads streams. Immutable; log loop only. */
record EngineStores(
        BrokerRegistry brokers, PartitionStore partitions, TopicStore topics, WalStore wal, WalSettings walSettings) {
    static EngineStores of(EngineContext context) {
        return new EngineStores(
                new BrokerRegistry(context.metadata()),
                new PartitionStore(context.metadata()),
                new TopicStore(context.metadata()),
                new WalStore(context.objects(), context.layout(), context.loop(), context.random()),
                WalSettings.of(context.settings()));
    }

    /** The closed streams, as {@code me} seals and reads them. */
    ClosedStreams closedStreams(BrokerIncarnation me) {
        var sealer = new StreamSealer(wal, walSettings, new StreamId(me.brokerId(), me.brokerEpoch()));
        return new ClosedStreams(brokers, sealer, new StreamReader(wal));
    }
}
