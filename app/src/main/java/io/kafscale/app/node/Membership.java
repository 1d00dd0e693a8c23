package io.kafscale.app.node;

import io.kafscale.app.peer.PeerLinks;
import io.kafscale.app.settings.HostPort;
import io.kafscale.log.engine.BrokerEndpoint;
import io.kafscale.log.engine.LogEngine;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.FailureDetector;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.Versioned;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A broker's place in its cluster, from the moment its door is open: it is said to serve, watches the others, and lets them have
 * everything before it goes. Thread-safe.
 */
final class Membership implements AutoCloseable {
    private final int brokerId;
    private final String clusterId;
    private final ImageKeeper images;
    private final LogEngine engine;
    private final GroupCoordination groups;
    private final PeerLinks links;
    private final FailureDetector detector;

    /**
     * A broker that nobody counts on yet.
     *
     * @param engine has started
     * @param groups whose shards are handed over with the partitions
     */
    Membership(
            String clusterId, MetadataAccess access, ImageKeeper images, LogEngine engine, GroupCoordination groups) {
        this.brokerId = engine.brokerId();
        this.clusterId = clusterId;
        this.groups = groups;
        this.images = images;
        this.engine = engine;
        this.links = new PeerLinks(new SecureRandom());
        this.detector =
                new FailureDetector(access, images, engine::incarnation, links, BrokerEndpoint.REGISTRATION_TTL);
        links.reportTo(detector);
    }

    /** The door is open: the broker may be given leadership, and watches the others from now on. */
    void join() throws InterruptedException, ExecutionException {
        engine.announce(State.SERVING).get();
        detector.start();
    }

    /**
     * Lets the others have what this broker leads and coordinates, while it still answers. Completes when they do, or at once if there
     * is nobody to take it.
     */
    CompletableFuture<Void> leave() {
        if (!hasHeirs(images.image())) {
            return CompletableFuture.completedFuture(null);
        }
        return engine.announce(State.DRAINING)
                .thenCompose(_ -> shown())
                .thenCompose(_ -> CompletableFuture.allOf(engine.drain(), groups.settled()));
    }

    private boolean hasHeirs(ClusterImage image) {
        return LeadershipPlan.of(image).candidates().stream()
                .anyMatch(candidate -> candidate.brokerId() != brokerId && image.isServing(candidate));
    }

    /** Once the image shows that this broker is drained: what is asked before is answered by the plan before. */
    private CompletableFuture<Void> shown() {
        var shown = new CompletableFuture<Void>();
        images.addListener((_, now, _) -> {
            Optional<BrokerIncarnation> me = registered(now);
            if (me.isEmpty() || now.isDraining(me.get())) {
                shown.complete(null);
            }
        });
        return shown;
    }

    private Optional<BrokerIncarnation> registered(ClusterImage image) {
        return Optional.ofNullable(image.brokers().get(brokerId))
                .map(broker -> broker.value().incarnation());
    }

    /** Who this broker is, and who else is there. */
    Standing standing() {
        ClusterImage image = images.image();
        List<String> members = image.brokers().entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .map(broker -> broker.getKey() + " at " + address(broker.getValue()))
                .toList();
        return new Standing(
                brokerId, registered(image).map(BrokerIncarnation::toString).orElse("none"), clusterId, members);
    }

    private static HostPort address(Versioned<BrokerRegistration> broker) {
        return new HostPort(broker.value().host(), broker.value().port());
    }

    /** What this broker still leads and coordinates, in words. */
    String remaining() {
        ClusterImage image = images.image();
        Optional<BrokerIncarnation> me = registered(image);
        long partitions = image.topicsWithPartitionRecords().stream()
                .flatMap(topic -> image.partitions(topic).values().stream())
                .map(record -> record.value().leader())
                .filter(Objects::nonNull)
                .filter(leader -> me.filter(leader::equals).isPresent())
                .count();
        long shards = image.coordinators().values().stream()
                .filter(owner -> me.filter(owner.value()::is).isPresent())
                .count();
        return count(partitions, "partition") + " and " + count(shards, "shard") + " of consumer groups";
    }

    private static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** Watches nobody any more. */
    @Override
    public void close() {
        detector.close();
        links.close();
    }
}
