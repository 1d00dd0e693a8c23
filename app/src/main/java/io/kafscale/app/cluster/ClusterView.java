package io.kafscale.app.cluster;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as people and programs are shown it. Immutable.
 *
 * @param revision of the metadata store that it shows
 * @param partitions how many there are
 * @param streams how many WAL streams are in which state
 * @param misplaced partitions whose leader is not the one the plan says
 * @param pins partitions that an operator has put somewhere
 */
record ClusterView(
        String clusterId,
        long revision,
        List<Broker> brokers,
        int topics,
        int partitions,
        Map<String, Integer> streams,
        List<Placement> misplaced,
        List<Pin> pins) {
    /**
     * A registered broker.
     *
     * @param state starting, serving or draining
     * @param started when its incarnation registered, in UTC
     * @param leads partitions that it leads
     * @param planned partitions that it should lead
     * @param shards shards of the consumer groups that it coordinates
     * @param suspectedBy ids of brokers whose connections it refuses
     */
    record Broker(
            int id,
            String incarnation,
            String address,
            @Nullable String rack,
            String state,
            String version,
            String started,
            int leads,
            int planned,
            long shards,
            List<Integer> suspectedBy) {}

    /**
     * Who leads a partition, and who should.
     *
     * @param leader a live broker's id; null for none
     * @param planned null where no broker is registered
     */
    record Placement(
            String topic,
            int partition,
            @Nullable Integer leader,
            @Nullable Integer planned) {}

    /**
     * A pinned partition.
     *
     * @param broker where it is to be
     */
    record Pin(String topic, int partition, int broker) {}

    ClusterView {
        brokers = List.copyOf(brokers);
        misplaced = List.copyOf(misplaced);
        pins = List.copyOf(pins);
    }

    static ClusterView of(String clusterId, ClusterImage image) {
        var placements = placements(image);
        return new ClusterView(
                clusterId,
                image.revision(),
                brokers(image, placements),
                image.topics().size(),
                placements.size(),
                streams(image),
                placements.stream()
                        .filter(placement -> !Objects.equals(placement.leader(), placement.planned()))
                        .toList(),
                pins(image));
    }

    /** Every partition there is, by topic and number. */
    private static List<Placement> placements(ClusterImage image) {
        LeadershipPlan plan = LeadershipPlan.of(image);
        var placements = new ArrayList<Placement>();
        for (TopicRecord topic : sortedTopics(image)) {
            for (int partition = 0; partition < topic.partitions(); partition++) {
                var id = new PartitionId(topic.id(), partition);
                placements.add(new Placement(
                        topic.name(),
                        partition,
                        leader(image, id).map(BrokerIncarnation::brokerId).orElse(null),
                        plan.leaderOf(id).map(BrokerIncarnation::brokerId).orElse(null)));
            }
        }
        return placements;
    }

    static List<TopicRecord> sortedTopics(ClusterImage image) {
        return image.topics().stream()
                .map(Versioned::value)
                .sorted(Comparator.comparing(TopicRecord::name))
                .toList();
    }

    /** Who leads a partition and lives. */
    static Optional<BrokerIncarnation> leader(ClusterImage image, PartitionId id) {
        return image.partition(id)
                .flatMap(record -> Optional.ofNullable(record.value().leader()))
                .filter(image::isRegistered);
    }

    private static List<Broker> brokers(ClusterImage image, List<Placement> placements) {
        var leads = new HashMap<Integer, Integer>();
        var planned = new HashMap<Integer, Integer>();
        for (Placement placement : placements) {
            count(leads, placement.leader());
            count(planned, placement.planned());
        }
        return image.brokers().values().stream()
                .map(Versioned::value)
                .sorted(Comparator.comparingInt(broker -> broker.incarnation().brokerId()))
                .map(broker -> broker(image, broker, leads, planned))
                .toList();
    }

    private static void count(Map<Integer, Integer> counts, @Nullable Integer broker) {
        if (broker != null) {
            counts.merge(broker, 1, Integer::sum);
        }
    }

    private static Broker broker(
            ClusterImage image, BrokerRegistration broker, Map<Integer, Integer> leads, Map<Integer, Integer> planned) {
        int id = broker.incarnation().brokerId();
        return new Broker(
                id,
                broker.incarnation().toString(),
                broker.host() + ":" + broker.port(),
                broker.rack(),
                state(image, broker.incarnation()),
                broker.version(),
                Instant.ofEpochMilli(broker.startedMs()).toString(),
                leads.getOrDefault(id, 0),
                planned.getOrDefault(id, 0),
                BrokerDrain.coordinates(image, broker.incarnation()),
                suspectedBy(image, broker.incarnation()));
    }

    static String state(ClusterImage image, BrokerIncarnation broker) {
        if (image.isServing(broker)) {
            return "serving";
        }
        return image.isDraining(broker) ? "draining" : "starting";
    }

    private static List<Integer> suspectedBy(ClusterImage image, BrokerIncarnation broker) {
        var observers = new TreeSet<Integer>();
        image.suspicions().forEach((id, suspicions) -> {
            if (suspicions.value().suspects().contains(broker)) {
                observers.add(id);
            }
        });
        return List.copyOf(observers);
    }

    private static Map<String, Integer> streams(ClusterImage image) {
        var counts = new TreeMap<String, Integer>();
        image.streams()
                .values()
                .forEach(stream ->
                        counts.merge(stream.value().state().name().toLowerCase(Locale.ROOT), 1, Integer::sum));
        return counts;
    }

    private static List<Pin> pins(ClusterImage image) {
        var pins = new ArrayList<Pin>();
        for (TopicRecord topic : sortedTopics(image)) {
            for (int partition = 0; partition < topic.partitions(); partition++) {
                int number = partition;
                image.pin(new PartitionId(topic.id(), partition))
                        .ifPresent(broker -> pins.add(new Pin(topic.name(), number, broker)));
            }
        }
        return pins;
    }
}
