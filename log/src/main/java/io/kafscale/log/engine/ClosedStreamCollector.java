package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.log.wal.SealedStream;
import io.kafscale.log.wal.StreamCollector;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.FutureFailure;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the objects of sealed streams that no tenure names, and then, a grace later, what the metadata store knows of them.
 *
 * <p>The fact cannot become false: only the incarnation that owns a stream opens a tenure in it, under the guard of its registration,
 * and a stream is sealed after that registration is gone; so from an image that shows the stream sealed on, the set of records that
 * name it only shrinks. The image says when to look; the records themselves, read from the store once the grace for readers is over,
 * say whether to delete, since what an image could not read it does not show. Log loop only.
 */
final class ClosedStreamCollector {
    private static final Logger LOG = LoggerFactory.getLogger(ClosedStreamCollector.class);

    private final EngineContext context;
    private final EngineStores stores;
    private final StreamCollector collector;
    private final TenureCounts tenures = new TenureCounts();
    private final Map<BrokerIncarnation, SealedStream> sealed = new TreeMap<>(AbandonedStreams.ORDER);
    private final Set<BrokerIncarnation> underWay = new HashSet<>();
    private final Map<BrokerIncarnation, Versioned<StreamRecord>> collected = new TreeMap<>(AbandonedStreams.ORDER);
    private boolean forgetting;
    private boolean working;

    ClosedStreamCollector(EngineContext context, EngineStores stores) {
        this.context = context;
        this.stores = stores;
        this.collector = new StreamCollector(stores.wal());
    }

    /**
     * Looks for streams that have become free, and schedules their deletion if that is up to this broker; has to be told of every
     * change of the image.
     */
    void follow(ClusterImage before, ClusterImage image, ClusterDelta delta) {
        if (delta.streams().isEmpty() && delta.partitions().isEmpty()) {
            return;
        }
        tenures.follow(before, image, delta);
        for (BrokerIncarnation incarnation : delta.streams()) {
            Versioned<StreamRecord> stream = image.streams().get(incarnation);
            Long seal = stream == null ? null : stream.value().sealSequence();
            if (stream != null && seal != null && stream.value().state() == StreamRecord.State.SEALED) {
                var id = new StreamId(incarnation.brokerId(), incarnation.brokerEpoch());
                sealed.put(incarnation, new SealedStream(id, seal, seal));
            } else {
                sealed.remove(incarnation);
            }
            if (stream != null && stream.value().state() == StreamRecord.State.COLLECTED) {
                collected.put(incarnation, stream);
            } else {
                collected.remove(incarnation);
            }
        }
        look();
    }

    /** From now on it is up to this broker. */
    void begin() {
        working = true;
        look();
    }

    /** It is not any more: nothing more is begun. */
    void end() {
        working = false;
    }

    private void look() {
        if (working) {
            sealed.forEach((incarnation, stream) -> {
                if (!tenures.isNamed(incarnation) && underWay.add(incarnation)) {
                    later(incarnation, stream);
                }
            });
            forgetLater();
        }
    }

    private void forgetLater() {
        if (!forgetting && !collected.isEmpty()) {
            forgetting = true;
            context.loop().schedule(context.settings().collectGrace(), this::forget);
        }
    }

    /** Some at a time. What could not be removed is tried again. */
    private void forget() {
        forgetting = false;
        List<Versioned<StreamRecord>> some =
                collected.values().stream().limit(BrokerRegistry.MOST_FORGOTTEN).toList();
        if (!working || some.isEmpty()) {
            return;
        }
        forgetting = true;
        stores.brokers().forget(some).whenComplete((gone, failure) -> {
            forgetting = false;
            if (failure != null) {
                LOG.warn(
                        "Could not remove the records of streams that were deleted, trying again",
                        FutureFailure.cause(failure));
            } else if (gone) {
                LOG.info("Removed the records of streams that were deleted [streams={}]", some.size());
                some.forEach(stream -> collected.remove(stream.value().incarnation(), stream));
            }
            look();
        });
    }

    private void later(BrokerIncarnation incarnation, SealedStream stream) {
        context.loop().schedule(context.settings().collectGrace(), () -> collect(incarnation, stream));
    }

    private void collect(BrokerIncarnation incarnation, SealedStream stream) {
        if (!working || !sealed.containsKey(incarnation)) {
            underWay.remove(incarnation);
            return;
        }
        stores.partitions()
                .namedStreams()
                .thenCompose(named -> {
                    if (named.contains(incarnation)) {
                        throw new IllegalStateException("a partition record that the image does not show names it");
                    }
                    return context.onLoop(collector.collect(stream));
                })
                .thenCompose(
                        deleted -> stores.brokers().markCollected(incarnation).thenApply(marked -> deleted))
                .whenComplete((deleted, failure) -> {
                    if (failure == null) {
                        underWay.remove(incarnation);
                        LOG.info(
                                "Deleted the stream of a dead broker [stream={}, objects={}]",
                                stream.stream(),
                                deleted);
                    } else {
                        LOG.warn(
                                "Could not delete a stream that nobody needs, trying again [stream={}, retryIn={}]",
                                stream.stream(),
                                context.settings().collectGrace(),
                                FutureFailure.cause(failure));
                        later(incarnation, stream);
                    }
                });
    }
}
