package io.kafscale.app.cluster;

import io.kafscale.app.cli.CommandException;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Takes a broker's leadership away, and gives it back. On the main thread. */
final class BrokerDrain {
    private final ClusterSession session;

    /** Drains brokers of a cluster that is being followed. */
    BrokerDrain(ClusterSession session) {
        this.session = session;
    }

    /**
     * Has a broker give up what it leads.
     *
     * @param wait whether to return only when it leads nothing any more
     */
    void drain(int brokerId, boolean wait) {
        BrokerIncarnation broker = registered(brokerId);
        requireHeir(broker);
        var before = session.image().availability(brokerId);
        set(broker, State.DRAINING);
        if (wait) {
            // The image may be older than what was written; or newer, if somebody has said something else since.
            session.awaitImage(
                    _ -> "draining broker " + brokerId,
                    image -> image.isDraining(broker)
                            || !image.isRegistered(broker)
                            || !image.availability(brokerId).equals(before));
            session.awaitImage(image -> progress(image, broker), image -> isDrained(image, broker));
        }
    }

    /** Lets a broker that is being drained lead again. */
    void undrain(int brokerId) {
        BrokerIncarnation broker = registered(brokerId);
        if (ClusterView.state(session.image(), broker).equals("starting")) {
            throw new CommandException("Broker " + brokerId + " is starting. It serves by itself when it is ready.");
        }
        set(broker, State.SERVING);
    }

    private void set(BrokerIncarnation broker, State state) {
        boolean written = session.await(
                "writing to the metadata store", session.placement().setAvailability(broker, state));
        if (!written) {
            throw new CommandException("Broker " + broker.brokerId() + " went away in this moment. Look again.");
        }
    }

    /** The broker of this id, which must be registered. */
    private BrokerIncarnation registered(int brokerId) {
        return find(session.image(), brokerId)
                .orElseThrow(() -> new CommandException("There is no broker " + brokerId + ". Registered are "
                        + ids(session.image()) + ". One that is not running leads nothing."));
    }

    static Optional<BrokerIncarnation> find(ClusterImage image, int brokerId) {
        return Optional.ofNullable(image.brokers().get(brokerId))
                .map(Versioned::value)
                .map(BrokerRegistration::incarnation);
    }

    static String ids(ClusterImage image) {
        return image.brokers().isEmpty()
                ? "none"
                : image.brokers().keySet().stream()
                        .sorted()
                        .map(String::valueOf)
                        .collect(Collectors.joining(", "));
    }

    private void requireHeir(BrokerIncarnation broker) {
        ClusterImage image = session.image();
        boolean anybody = image.brokers().values().stream()
                .map(other -> other.value().incarnation())
                .anyMatch(other -> !other.equals(broker) && image.isServing(other));
        if (!anybody) {
            throw new CommandException("No other broker is serving, so nobody could take what broker "
                    + broker.brokerId() + " leads. Start another one first.");
        }
    }

    private static boolean isDrained(ClusterImage image, BrokerIncarnation broker) {
        if (image.isRegistered(broker) && !image.isDraining(broker)) {
            throw new CommandException(
                    "Broker " + broker.brokerId() + " is not being drained any more: somebody said so.");
        }
        return leads(image, broker) == 0 && coordinates(image, broker) == 0;
    }

    private static String progress(ClusterImage image, BrokerIncarnation broker) {
        return "broker " + broker.brokerId() + " still leads " + leads(image, broker) + " partitions and coordinates "
                + coordinates(image, broker) + " shards of groups";
    }

    /** Partitions whose leader is the broker. */
    static long leads(ClusterImage image, BrokerIncarnation broker) {
        return image.topics().stream()
                .flatMap(topic -> image.partitions(topic.value().id()).values().stream())
                .map(Versioned::value)
                .map(PartitionRecord::leader)
                .filter(Objects::nonNull)
                .filter(broker::equals)
                .count();
    }

    /** Shards of the consumer groups whose owner is the broker. */
    static long coordinates(ClusterImage image, BrokerIncarnation broker) {
        return image.coordinators().values().stream()
                .filter(owner -> owner.value().is(broker))
                .count();
    }
}
