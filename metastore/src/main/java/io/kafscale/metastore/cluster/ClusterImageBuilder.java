package io.kafscale.metastore.cluster;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.WatchListener.Change;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes the next image from an earlier one: by changes, or from a whole listing. A value it cannot read leaves what was known of
 * its key, and is reported in {@link #problems()}. For one thread and one image.
 */
final class ClusterImageBuilder {
    private final MetadataKeys keys;
    private final ClusterImage before;
    private final List<MetadataException> problems = new ArrayList<>();

    private PersistentMap<String, Versioned<TopicRecord>> topicsByName;
    private PersistentMap<UUID, Versioned<TopicRecord>> topicsById;
    private PersistentMap<UUID, Versioned<TopicTombstone>> tombstones;
    private PersistentMap<UUID, PersistentMap<Integer, Versioned<PartitionRecord>>> partitions;
    private PersistentMap<Integer, Versioned<BrokerRegistration>> brokers;
    private PersistentMap<BrokerIncarnation, Versioned<StreamRecord>> streams;
    private long forgottenEpoch;
    private PersistentMap<Integer, Versioned<BrokerAvailability>> availability;
    private PersistentMap<PartitionId, Versioned<Integer>> pins;
    private PersistentMap<String, Versioned<GroupConfigRecord>> groupConfigs;
    private PersistentMap<Integer, Versioned<Suspicions>> suspicions;
    private PersistentMap<Integer, Versioned<ShardOwner>> coordinators;

    private final Set<UUID> touchedTopics = new HashSet<>();
    private final Set<UUID> touchedTombstones = new HashSet<>();
    private final Set<PartitionId> touchedPartitions = new HashSet<>();
    private final Set<Integer> touchedBrokers = new HashSet<>();
    private final Set<BrokerIncarnation> touchedStreams = new HashSet<>();
    private final Set<Integer> touchedAvailability = new HashSet<>();
    private final Set<PartitionId> touchedPins = new HashSet<>();
    private final Set<String> touchedGroupConfigs = new HashSet<>();
    private final Set<Integer> touchedSuspicions = new HashSet<>();
    private final Set<Integer> touchedCoordinators = new HashSet<>();

    ClusterImageBuilder(MetadataKeys keys, ClusterImage before) {
        this.keys = keys;
        this.before = before;
        topicsByName = before.topicsByName();
        topicsById = before.topicsById();
        tombstones = before.tombstonesById();
        partitions = before.partitionsByTopic();
        brokers = before.brokersById();
        streams = before.streamsByIncarnation();
        forgottenEpoch = before.forgottenEpoch();
        availability = before.availabilityById();
        pins = before.pins();
        groupConfigs = before.groupConfigsByGroup();
        suspicions = before.suspicionsByObserver();
        coordinators = before.coordinatorsByShard();
    }

    void apply(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.Put put -> ImageKey.parse(keys, put.key()).ifPresent(key -> put(key, put.now()));
                case Change.Deleted deleted ->
                    ImageKey.parse(keys, deleted.key()).ifPresent(this::delete);
            }
        }
    }

    /** Puts everything listed and deletes every key that is not. */
    void replaceBy(RangeResult listing) {
        Set<ImageKey> listed = new HashSet<>();
        for (KeyValue stored : listing.keys()) {
            ImageKey.parse(keys, stored.key()).ifPresent(key -> {
                listed.add(key);
                put(key, stored);
            });
        }
        for (ImageKey known : keysBefore()) {
            if (!listed.contains(known)) {
                delete(known);
            }
        }
    }

    ClusterImage build(long revision) {
        return new ClusterImage(
                revision,
                topicsByName,
                topicsById,
                tombstones,
                partitions,
                brokers,
                streams,
                forgottenEpoch,
                availability,
                pins,
                groupConfigs,
                suspicions,
                coordinators);
    }

    /** Values that could not be read. */
    List<MetadataException> problems() {
        return problems;
    }

    ClusterDelta delta(ClusterImage now) {
        Set<UUID> created = new HashSet<>();
        Set<UUID> changed = new HashSet<>();
        Set<UUID> deleted = new HashSet<>();
        for (UUID id : touchedTopics) {
            Versioned<TopicRecord> was = before.topicsById().get(id);
            Versioned<TopicRecord> is = now.topicsById().get(id);
            if (was == null && is != null) {
                created.add(id);
            } else if (was != null && is == null) {
                deleted.add(id);
            } else if (!Objects.equals(was, is)) {
                changed.add(id);
            }
        }
        touchedTombstones.removeIf(id ->
                Objects.equals(before.tombstones().get(id), now.tombstones().get(id)));
        touchedPartitions.removeIf(id -> before.partition(id).equals(now.partition(id)));
        touchedBrokers.removeIf(
                id -> Objects.equals(before.brokers().get(id), now.brokers().get(id)));
        touchedStreams.removeIf(
                id -> Objects.equals(before.streams().get(id), now.streams().get(id)));
        touchedAvailability.removeIf(id -> Objects.equals(
                before.availabilityById().get(id), now.availabilityById().get(id)));
        touchedPins.removeIf(
                id -> Objects.equals(before.pins().get(id), now.pins().get(id)));
        touchedGroupConfigs.removeIf(group -> Objects.equals(
                before.groupConfigs().get(group), now.groupConfigs().get(group)));
        touchedSuspicions.removeIf(id ->
                Objects.equals(before.suspicions().get(id), now.suspicions().get(id)));
        touchedCoordinators.removeIf(shard -> before.coordinator(shard).equals(now.coordinator(shard)));
        return new ClusterDelta(
                created,
                changed,
                deleted,
                touchedTombstones,
                touchedPartitions,
                touchedBrokers,
                touchedStreams,
                touchedAvailability,
                touchedPins,
                touchedGroupConfigs,
                touchedSuspicions,
                touchedCoordinators);
    }

    private void put(ImageKey key, KeyValue stored) {
        try {
            switch (key) {
                case ImageKey.Topic topic -> putTopic(versioned(RecordJson.topic(topic.name(), stored), stored));
                case ImageKey.DeletedTopic topic -> {
                    touchedTombstones.add(topic.id());
                    tombstones =
                            tombstones.with(topic.id(), versioned(RecordJson.tombstone(topic.id(), stored), stored));
                }
                case ImageKey.Partition partition -> {
                    PartitionId id = partition.id();
                    touchedPartitions.add(id);
                    partitions = partitions.with(
                            id.topicId(),
                            partitionsOf(id.topicId())
                                    .with(id.partition(), versioned(RecordJson.partition(id, stored), stored)));
                }
                case ImageKey.Broker broker -> {
                    touchedBrokers.add(broker.id());
                    brokers = brokers.with(broker.id(), versioned(RecordJson.broker(broker.id(), stored), stored));
                }
                case ImageKey.Stream stream -> {
                    touchedStreams.add(stream.incarnation());
                    streams = streams.with(
                            stream.incarnation(), versioned(RecordJson.stream(stream.incarnation(), stored), stored));
                }
                case ImageKey.ForgottenStreams _ -> forgottenEpoch = RecordJson.counter(stored);
                case ImageKey.Availability broker -> {
                    touchedAvailability.add(broker.brokerId());
                    availability = availability.with(
                            broker.brokerId(), versioned(RecordJson.availability(broker.brokerId(), stored), stored));
                }
                case ImageKey.Pin pin -> {
                    touchedPins.add(pin.id());
                    pins = pins.with(pin.id(), versioned(RecordJson.pin(stored), stored));
                }
                case ImageKey.GroupConfig config -> {
                    touchedGroupConfigs.add(config.group());
                    groupConfigs = groupConfigs.with(
                            config.group(), versioned(RecordJson.groupConfig(config.group(), stored), stored));
                }
                case ImageKey.Suspicions observer -> {
                    touchedSuspicions.add(observer.observerId());
                    suspicions = suspicions.with(
                            observer.observerId(),
                            versioned(RecordJson.suspicions(observer.observerId(), stored), stored));
                }
                case ImageKey.Coordinator coordinator -> {
                    touchedCoordinators.add(coordinator.shard());
                    coordinators =
                            coordinators.with(coordinator.shard(), versioned(RecordJson.shardOwner(stored), stored));
                }
            }
        } catch (MetadataException unreadable) {
            problems.add(unreadable);
        }
    }

    private void delete(ImageKey key) {
        switch (key) {
            case ImageKey.Topic topic -> deleteTopic(topic.name());
            case ImageKey.DeletedTopic topic -> {
                touchedTombstones.add(topic.id());
                tombstones = tombstones.without(topic.id());
            }
            case ImageKey.Partition partition -> {
                PartitionId id = partition.id();
                touchedPartitions.add(id);
                var left = partitionsOf(id.topicId()).without(id.partition());
                partitions = left.isEmpty() ? partitions.without(id.topicId()) : partitions.with(id.topicId(), left);
            }
            case ImageKey.Broker broker -> {
                touchedBrokers.add(broker.id());
                brokers = brokers.without(broker.id());
            }
            case ImageKey.Stream stream -> {
                touchedStreams.add(stream.incarnation());
                streams = streams.without(stream.incarnation());
            }
            case ImageKey.ForgottenStreams _ -> forgottenEpoch = 0;
            case ImageKey.Availability broker -> {
                touchedAvailability.add(broker.brokerId());
                availability = availability.without(broker.brokerId());
            }
            case ImageKey.Pin pin -> {
                touchedPins.add(pin.id());
                pins = pins.without(pin.id());
            }
            case ImageKey.GroupConfig config -> {
                touchedGroupConfigs.add(config.group());
                groupConfigs = groupConfigs.without(config.group());
            }
            case ImageKey.Suspicions observer -> {
                touchedSuspicions.add(observer.observerId());
                suspicions = suspicions.without(observer.observerId());
            }
            case ImageKey.Coordinator coordinator -> {
                touchedCoordinators.add(coordinator.shard());
                coordinators = coordinators.without(coordinator.shard());
            }
        }
    }

    private void putTopic(Versioned<TopicRecord> topic) {
        deleteTopic(topic.value().name());
        touchedTopics.add(topic.value().id());
        topicsByName = topicsByName.with(topic.value().name(), topic);
        topicsById = topicsById.with(topic.value().id(), topic);
    }

    private void deleteTopic(String name) {
        @Nullable Versioned<TopicRecord> known = topicsByName.get(name);
        if (known != null) {
            touchedTopics.add(known.value().id());
            topicsByName = topicsByName.without(name);
            topicsById = topicsById.without(known.value().id());
        }
    }

    private PersistentMap<Integer, Versioned<PartitionRecord>> partitionsOf(UUID topicId) {
        return Optional.ofNullable(partitions.get(topicId)).orElseGet(PersistentMap::empty);
    }

    private List<ImageKey> keysBefore() {
        var known = new ArrayList<ImageKey>();
        before.topicsByName().keySet().forEach(name -> known.add(new ImageKey.Topic(name)));
        before.tombstonesById().keySet().forEach(id -> known.add(new ImageKey.DeletedTopic(id)));
        before.partitionsByTopic()
                .forEach((topicId, records) -> records.keySet()
                        .forEach(number -> known.add(new ImageKey.Partition(new PartitionId(topicId, number)))));
        before.brokersById().keySet().forEach(id -> known.add(new ImageKey.Broker(id)));
        before.streamsByIncarnation().keySet().forEach(id -> known.add(new ImageKey.Stream(id)));
        if (before.forgottenEpoch() > 0) {
            known.add(new ImageKey.ForgottenStreams());
        }
        before.availabilityById().keySet().forEach(id -> known.add(new ImageKey.Availability(id)));
        before.pins().keySet().forEach(id -> known.add(new ImageKey.Pin(id)));
        before.groupConfigsByGroup().keySet().forEach(group -> known.add(new ImageKey.GroupConfig(group)));
        before.suspicionsByObserver().keySet().forEach(id -> known.add(new ImageKey.Suspicions(id)));
        before.coordinatorsByShard().keySet().forEach(shard -> known.add(new ImageKey.Coordinator(shard)));
        return known;
    }

    private static <T> Versioned<T> versioned(T value, KeyValue stored) {
        return new Versioned<>(value, stored.modRevision());
    }
}
