package io.kafscale.metastore.cluster;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * Where two images differ; the records themselves are in the images. Topics are told apart by id, so that a topic deleted and
 * created again between two images shows as one deleted and one created. Immutable.
 *
 * @param createdTopics ids that only the later image has
 * @param changedTopics ids that both have, with other records
 * @param deletedTopics ids that only the earlier image has
 * @param tombstones topic ids whose tombstone came, changed or went
 * @param partitions whose record came, changed or went
 * @param brokers ids of brokers whose registration came, changed or went
 * @param streams whose record came, changed or went
 * @param availability ids of brokers whose availability came, changed or went
 * @param pins partitions whose pin came, changed or went
 * @param groupConfigs groups whose configs came, changed or went
 * @param suspicions ids of brokers whose suspicions came, changed or went
 * @param coordinators shards of the consumer groups whose owner changed
 */
public record ClusterDelta(
        Set<UUID> createdTopics,
        Set<UUID> changedTopics,
        Set<UUID> deletedTopics,
        Set<UUID> tombstones,
        Set<PartitionId> partitions,
        Set<Integer> brokers,
        Set<BrokerIncarnation> streams,
        Set<Integer> availability,
        Set<PartitionId> pins,
        Set<String> groupConfigs,
        Set<Integer> suspicions,
        Set<Integer> coordinators) {
    /** Copies the sets. */
    public ClusterDelta {
        createdTopics = Set.copyOf(createdTopics);
        changedTopics = Set.copyOf(changedTopics);
        deletedTopics = Set.copyOf(deletedTopics);
        tombstones = Set.copyOf(tombstones);
        partitions = Set.copyOf(partitions);
        brokers = Set.copyOf(brokers);
        streams = Set.copyOf(streams);
        availability = Set.copyOf(availability);
        pins = Set.copyOf(pins);
        groupConfigs = Set.copyOf(groupConfigs);
        suspicions = Set.copyOf(suspicions);
        coordinators = Set.copyOf(coordinators);
    }

    /** How {@code image} differs from the empty one: everything in it came. */
    static ClusterDelta whole(ClusterImage image) {
        Set<PartitionId> partitions = new HashSet<>();
        image.partitionsByTopic()
                .forEach((topicId, records) ->
                        records.keySet().forEach(number -> partitions.add(new PartitionId(topicId, number))));
        return new ClusterDelta(
                image.topicsById().keySet(),
                Set.of(),
                Set.of(),
                image.tombstones().keySet(),
                partitions,
                image.brokers().keySet(),
                image.streams().keySet(),
                image.availabilityById().keySet(),
                image.pins().keySet(),
                image.groupConfigs().keySet(),
                image.suspicions().keySet(),
                image.coordinatorsByShard().keySet());
    }

    /** Whether the plan of who should lead what may differ for more than single partitions. */
    public boolean changesBrokers() {
        return !brokers.isEmpty() || !availability.isEmpty();
    }

    /** Whether the images do not differ. */
    public boolean isEmpty() {
        return createdTopics.isEmpty()
                && changedTopics.isEmpty()
                && deletedTopics.isEmpty()
                && tombstones.isEmpty()
                && partitions.isEmpty()
                && brokers.isEmpty()
                && streams.isEmpty()
                && availability.isEmpty()
                && pins.isEmpty()
                && groupConfigs.isEmpty()
                && suspicions.isEmpty()
                && coordinators.isEmpty();
    }
}
