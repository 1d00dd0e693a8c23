package io.kafscale.simulation;

import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.Transaction.Write;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.simulation.broker.ClusterNames;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Referee;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Knows which incarnation of the broker was registered at which revision of the metadata store, and shows the referee each change of
 * a partition's record beside it. Confined to the simulation's one thread; runs on the world's loop.
 */
final class RecordWrites {
    private final ImageKeeper images;
    private final ClusterNames names;
    private final Referee referee;
    private final TreeMap<Long, Optional<BrokerIncarnation>> registered = new TreeMap<>();

    /** Follows {@code images}, which publishes one image for each transaction, without any fault. */
    RecordWrites(ImageKeeper images, ClusterNames names, Referee referee) {
        this.images = images;
        this.names = names;
        this.referee = referee;
        registered.put(0L, Optional.empty());
        images.addListener((_, image, delta) -> {
            if (delta.changesBrokers()) {
                registered.put(
                        image.revision(),
                        Optional.ofNullable(image.brokers().get(names.brokerId()))
                                .map(broker -> broker.value().incarnation()));
            }
        });
    }

    /** A transaction of the broker, in its incarnation of this epoch, was applied. */
    void committed(long brokerEpoch, Transaction transaction, long revision) {
        for (Write write : transaction.writes()) {
            if (write instanceof Write.Put
                    && write.key().startsWith(names.keys().partitionsPrefix())) {
                var writer = new BrokerIncarnation(names.brokerId(), brokerEpoch);
                // What was registered by then is known once the image has come so far.
                images.awaitRevision(revision)
                        .thenAccept(_ -> referee.see(new Observation.RecordChanged(
                                write.key(),
                                writer,
                                registered.floorEntry(revision).getValue())));
            }
        }
    }
}
