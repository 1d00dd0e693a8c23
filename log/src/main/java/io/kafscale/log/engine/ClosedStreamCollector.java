package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.log.LogException;
import io.kafscale.log.wal.SealedStream;
import io.kafscale.log.wal.StreamCollector;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends and deletes the streams of dead brokers that no tenure names: one that is not sealed yet is sealed first, and the objects of a
 * sealed one go.
 *
 * <p>The fact cannot become false: only the incarnation that owns a stream opens a tenure in it, under the guard of its registration,
 * and a stream is closed after that registration is gone; so from an image that shows the stream sealed on, the set of records that
 * name it only shrinks. The deletion waits the grace for readers that still hold references. Log loop only.
 */
final class ClosedStreamCollector {
    private static final Logger LOG = LoggerFactory.getLogger(ClosedStreamCollector.class);

    private final EngineContext context;
    private final BrokerRegistry registry;
    private final StreamCollector collector;
    private final Supplier<Optional<Session>> session;
    private final Set<BrokerIncarnation> underWay = new HashSet<>();
    private boolean stopped;

    /**
     * A collector with nothing to do.
     *
     * @param session in whose name streams are sealed, while there is one
     */
    ClosedStreamCollector(EngineContext context, EngineStores stores, Supplier<Optional<Session>> session) {
        this.context = context;
        this.registry = stores.brokers();
        this.collector = new StreamCollector(stores.wal());
        this.session = session;
    }

    /** Looks for streams that have become free in {@code image} and schedules their end. */
    void look(ClusterImage image) {
        if (stopped) {
            return;
        }
        Map<BrokerIncarnation, StreamRecord> free = new LinkedHashMap<>();
        for (Versioned<StreamRecord> stream : image.streams().values()) {
            StreamRecord record = stream.value();
            if (!underWay.contains(record.incarnation()) && mayEnd(record, image)) {
                free.put(record.incarnation(), record);
            }
        }
        if (free.isEmpty()) {
            return;
        }
        for (var topicId : image.topicsWithPartitionRecords()) {
            for (var partition : image.partitions(topicId).values()) {
                partition.value().tenures().forEach(tenure -> free.remove(tenure.stream()));
            }
        }
        free.forEach((incarnation, record) -> {
            underWay.add(incarnation);
            later(incarnation, record);
        });
    }

    private boolean mayEnd(StreamRecord record, ClusterImage image) {
        return switch (record.state()) {
            case OPEN, CLOSING -> !isOurs(record.incarnation()) && !image.isRegistered(record.incarnation());
            case SEALED -> true;
            case COLLECTED -> false;
        };
    }

    /** Our own registration may be gone for a moment, until it is renewed. */
    private boolean isOurs(BrokerIncarnation incarnation) {
        return session.get().map(now -> now.incarnation().equals(incarnation)).orElse(false);
    }

    private void later(BrokerIncarnation incarnation, StreamRecord record) {
        context.loop().schedule(context.settings().collectGrace(), () -> {
            if (stopped) {
                return;
            }
            Long seal = record.sealSequence();
            if (seal == null) {
                seal(incarnation, record);
            } else {
                collect(incarnation, record, seal);
            }
        });
    }

    private void seal(BrokerIncarnation incarnation, StreamRecord record) {
        Optional<Session> now = session.get();
        if (now.isEmpty()) {
            later(incarnation, record);
            return;
        }
        now.get().closedStreams().close(incarnation).whenComplete((sealed, failure) -> {
            Throwable cause = failure == null ? null : EngineContext.unwrap(failure);
            boolean alive = cause instanceof LogException known && known.kind() == LogException.Kind.NOT_LEADER;
            if (cause == null) {
                later(incarnation, record.closing().sealed(sealed.sealSequence()));
            } else if (alive) {
                underWay.remove(incarnation);
            } else if (!stopped) {
                LOG.warn(
                        "Could not seal a stream that nobody needs, trying again [stream={}, retryIn={}]",
                        incarnation,
                        context.settings().collectGrace(),
                        cause);
                later(incarnation, record);
            }
        });
    }

    private void collect(BrokerIncarnation incarnation, StreamRecord record, long seal) {
        var stream = new StreamId(incarnation.brokerId(), incarnation.brokerEpoch());
        context.onLoop(collector.collect(new SealedStream(stream, seal, seal)))
                .thenCompose(deleted -> registry.markCollected(incarnation).thenApply(marked -> deleted))
                .whenComplete((deleted, failure) -> {
                    if (failure == null) {
                        LOG.info("Deleted the stream of a dead broker [stream={}, objects={}]", stream, deleted);
                        underWay.remove(incarnation);
                    } else if (!stopped) {
                        LOG.warn(
                                "Could not delete a stream that nobody needs, trying again [stream={}, retryIn={}]",
                                stream,
                                context.settings().collectGrace(),
                                EngineContext.unwrap(failure));
                        later(incarnation, record);
                    }
                });
    }

    /** Schedules nothing more. */
    void stop() {
        stopped = true;
    }
}
