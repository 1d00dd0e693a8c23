package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.wal.StreamFollower;
import io.kafscale.log.wal.StreamReader;
import io.kafscale.log.wal.StreamSealer;
import io.kafscale.log.wal.WalSettings;
import io.kafscale.log.wal.WalStore;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.TopicStore;
import java.util.function.Predicate;
import java.util.function.Supplier;

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

    /** The streams of earlier leaders, as {@code me} ends and reads them. */
    PredecessorStreams predecessors(BrokerIncarnation me, Supplier<ClusterImage> images) {
        Predicate<WalChunk> wanted = chunk -> PredecessorStreams.mayBeNeeded(images.get(), chunk);
        return new PredecessorStreams(
                wal.loop(),
                closedStreams(me, images, wanted),
                images,
                me,
                stream -> new LiveStream(
                        wal.loop(),
                        new StreamFollower(wal, new StreamId(stream.brokerId(), stream.brokerEpoch()), wanted)));
    }

    /** The closed streams, as {@code me} seals and reads them. */
    private ClosedStreams closedStreams(
            BrokerIncarnation me, Supplier<ClusterImage> images, Predicate<WalChunk> wanted) {
        var sealer = new StreamSealer(wal, walSettings, new StreamId(me.brokerId(), me.brokerEpoch()));
        return new ClosedStreams(images, brokers, sealer, new StreamReader(wal), wanted);
    }
}
