package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.log.wal.SealedStream;
import io.kafscale.log.wal.StreamCollector;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the objects of sealed streams that no tenure names.
 *
 * <p>The fact cannot become false: only the incarnation that owns a stream opens a tenure in it, under the guard of its registration,
 * and a stream is sealed after that registration is gone; so from an image that shows the stream sealed on, the set of records that
 * name it only shrinks. The deletion waits the grace for readers that still hold references. Log loop only.
 */
final class ClosedStreamCollector {
    private static final Logger LOG = LoggerFactory.getLogger(ClosedStreamCollector.class);

    private final EngineContext context;
    private final BrokerRegistry registry;
    private final StreamCollector collector;
    private final Set<BrokerIncarnation> underWay = new HashSet<>();
    private boolean stopped;

    ClosedStreamCollector(EngineContext context, EngineStores stores) {
        this.context = context;
        this.registry = stores.brokers();
        this.collector = new StreamCollector(stores.wal());
    }

    /** Looks for streams that have become free in {@code image} and schedules their deletion. */
    void look(ClusterImage image) {
        if (stopped) {
            return;
        }
        Map<BrokerIncarnation, SealedStream> sealed = new HashMap<>();
        for (Versioned<StreamRecord> stream : image.streams().values()) {
            StreamRecord record = stream.value();
            Long seal = record.sealSequence();
            if (record.state() == StreamRecord.State.SEALED
                    && seal != null
                    && !underWay.contains(record.incarnation())) {
                BrokerIncarnation incarnation = record.incarnation();
                var id = new StreamId(incarnation.brokerId(), incarnation.brokerEpoch());
                sealed.put(incarnation, new SealedStream(id, seal, seal));
            }
        }
        if (sealed.isEmpty()) {
            return;
        }
        for (var topicId : image.topicsWithPartitionRecords()) {
            for (var partition : image.partitions(topicId).values()) {
                partition.value().tenures().forEach(tenure -> sealed.remove(tenure.stream()));
            }
        }
        sealed.forEach((incarnation, stream) -> {
            underWay.add(incarnation);
            context.loop().schedule(context.settings().collectGrace(), () -> collect(incarnation, stream));
        });
    }

    private void collect(BrokerIncarnation incarnation, SealedStream stream) {
        if (stopped) {
            return;
        }
        context.onLoop(collector.collect(stream))
                .thenCompose(deleted -> registry.markCollected(incarnation).thenApply(marked -> deleted))
                .whenComplete((deleted, failure) -> {
                    if (failure == null) {
                        LOG.info(
                                "Deleted the stream of a dead broker [stream={}, objects={}]",
                                stream.stream(),
                                deleted);
                        underWay.remove(incarnation);
                    } else if (!stopped) {
                        LOG.warn(
                                "Could not delete a stream that nobody needs, trying again [stream={}, retryIn={}]",
                                stream.stream(),
                                context.settings().collectGrace(),
                                EngineContext.unwrap(failure));
                        context.loop().schedule(context.settings().collectGrace(), () -> collect(incarnation, stream));
                    }
                });
    }

    /** Schedules nothing more. */
    void stop() {
        stopped = true;
    }
}
