package io.kafscale.metastore.cluster;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything the metadata store holds of a namespace but its consumer groups, value by value, for tools that check or rebuild it:
 * unlike a {@link ClusterImage} it says which values cannot be read. Immutable; any thread.
 *
 * @param revision the store's revision the image part was read at
 * @param cluster the identity, if there is one that can be read
 * @param brokerEpochs the counter of broker epochs, empty if nothing was taken from it
 * @param producerIds the counter of producer ids, empty if nothing was taken from it
 * @param generations how many topics of each name there were
 * @param claims which topic holds a name, by the form in which names collide
 * @param topics topics by name
 * @param tombstones deleted topics by id
 * @param partitions partition records
 * @param brokers registered brokers by id
 * @param streams WAL streams
 * @param forgottenEpoch the highest epoch of a broker whose stream's record was removed, 0 if none was
 * @param namedStreams the streams that tenures name
 * @param unreadable values that cannot be read
 */
public record StoredNamespace(
        long revision,
        Optional<Versioned<ClusterRecord>> cluster,
        OptionalLong brokerEpochs,
        OptionalLong producerIds,
        SortedMap<String, Long> generations,
        SortedMap<String, String> claims,
        SortedMap<String, Versioned<TopicRecord>> topics,
        Map<UUID, Versioned<TopicTombstone>> tombstones,
        Map<PartitionId, Versioned<PartitionRecord>> partitions,
        SortedMap<Integer, Versioned<BrokerRegistration>> brokers,
        Map<BrokerIncarnation, Versioned<StreamRecord>> streams,
        long forgottenEpoch,
        Set<BrokerIncarnation> namedStreams,
        List<Unreadable> unreadable) {

    /** A value that is damaged, or a key below the image that is none we write. */
    public record Unreadable(String key, String why) {}

    /** The number of topics of a name there were, as its counter says. */
    public long generation(String name) {
        return generations.getOrDefault(name, 0L);
    }

    /** The topic whose objects are in this directory. */
    public @Nullable TopicRecord topicIn(String directory) {
        int tilde = directory.indexOf('~');
        Versioned<TopicRecord> topic = topics.get(tilde < 0 ? directory : directory.substring(0, tilde));
        return topic != null && topic.value().directory().equals(directory) ? topic.value() : null;
    }

    /** The tombstone of the topic whose objects are in this directory. */
    public @Nullable TopicTombstone tombstoneOf(String directory) {
        for (Versioned<TopicTombstone> tombstone : tombstones.values()) {
            if (tombstone.value().directory().equals(directory)) {
                return tombstone.value();
            }
        }
        return null;
    }

    /** Whether a stream was collected, and its record removed since. */
    public boolean isForgotten(BrokerIncarnation incarnation) {
        return incarnation.brokerEpoch() <= forgottenEpoch && !streams.containsKey(incarnation);
    }

    /** Whether an incarnation is registered. */
    public boolean isRegistered(BrokerIncarnation incarnation) {
        Versioned<BrokerRegistration> broker = brokers.get(incarnation.brokerId());
        return broker != null && broker.value().incarnation().equals(incarnation);
    }
}
