package io.kafscale.metastore.cluster;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The cluster as of one revision of the metadata store: what requests read instead of the store. Immutable and thread-safe; images
 * share what did not change between them, so keeping one for the length of a request costs nothing.
 *
 * <p>That something is not in an image proves nothing: the image may be old. Nothing may be deleted for that reason.
 */
public final class ClusterImage {
    /** What is known before anything was read; its revision is 0. */
    public static final ClusterImage EMPTY = new ClusterImage(
            0,
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            0,
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty());

    private final long revision;
    private final PersistentMap<String, Versioned<TopicRecord>> topicsByName;
    private final PersistentMap<UUID, Versioned<TopicRecord>> topicsById;
    private final PersistentMap<UUID, Versioned<TopicTombstone>> tombstones;
    private final PersistentMap<UUID, PersistentMap<Integer, Versioned<PartitionRecord>>> partitions;
    private final PersistentMap<Integer, Versioned<BrokerRegistration>> brokers;
    private final PersistentMap<BrokerIncarnation, Versioned<StreamRecord>> streams;
    private final long forgottenEpoch;
    private final PersistentMap<Integer, Versioned<BrokerAvailability>> availability;
    private final PersistentMap<PartitionId, Versioned<Integer>> pins;
    private final PersistentMap<String, Versioned<GroupConfigRecord>> groupConfigs;
    private final PersistentMap<Integer, Versioned<Suspicions>> suspicions;
    private final PersistentMap<Integer, Versioned<ShardOwner>> coordinators;

    ClusterImage(
            long revision,
            PersistentMap<String, Versioned<TopicRecord>> topicsByName,
            PersistentMap<UUID, Versioned<TopicRecord>> topicsById,
            PersistentMap<UUID, Versioned<TopicTombstone>> tombstones,
            PersistentMap<UUID, PersistentMap<Integer, Versioned<PartitionRecord>>> partitions,
            PersistentMap<Integer, Versioned<BrokerRegistration>> brokers,
            PersistentMap<BrokerIncarnation, Versioned<StreamRecord>> streams,
            long forgottenEpoch,
            PersistentMap<Integer, Versioned<BrokerAvailability>> availability,
            PersistentMap<PartitionId, Versioned<Integer>> pins,
            PersistentMap<String, Versioned<GroupConfigRecord>> groupConfigs,
            PersistentMap<Integer, Versioned<Suspicions>> suspicions,
            PersistentMap<Integer, Versioned<ShardOwner>> coordinators) {
        this.revision = revision;
        this.topicsByName = topicsByName;
        this.topicsById = topicsById;
        this.tombstones = tombstones;
        this.partitions = partitions;
        this.brokers = brokers;
        this.streams = streams;
        this.forgottenEpoch = forgottenEpoch;
        this.availability = availability;
        this.pins = pins;
        this.groupConfigs = groupConfigs;
        this.suspicions = suspicions;
        this.coordinators = coordinators;
    }

    /** The store's revision it shows. */
    public long revision() {
        return revision;
    }

    /** The topic of this name. */
    public Optional<Versioned<TopicRecord>> topic(String name) {
        return Optional.ofNullable(topicsByName.get(name));
    }

    /** The topic of this id. */
    public Optional<Versioned<TopicRecord>> topic(UUID id) {
        return Optional.ofNullable(topicsById.get(id));
    }

    /** All topics, in no order. */
    public Collection<Versioned<TopicRecord>> topics() {
        return Collections.unmodifiableCollection(topicsByName.values());
    }

    /** Deleted topics that still have something to be cleaned up, by id. */
    public Map<UUID, Versioned<TopicTombstone>> tombstones() {
        return Collections.unmodifiableMap(tombstones);
    }

    /** The record of a partition, if it ever had a leader. */
    public Optional<Versioned<PartitionRecord>> partition(PartitionId id) {
        return Optional.ofNullable(partitions(id.topicId()).get(id.partition()));
    }

    /** The records of a topic's partitions by number; those that never had a leader are absent. */
    public Map<Integer, Versioned<PartitionRecord>> partitions(UUID topicId) {
        PersistentMap<Integer, Versioned<PartitionRecord>> found = partitions.get(topicId);
        return found == null ? Map.of() : Collections.unmodifiableMap(found);
    }

    /** Ids of all topics that have partition records, deleted ones included. */
    public Collection<UUID> topicsWithPartitionRecords() {
        return Collections.unmodifiableCollection(partitions.keySet());
    }

    /** Registered brokers by id. */
    public Map<Integer, Versioned<BrokerRegistration>> brokers() {
        return Collections.unmodifiableMap(brokers);
    }

    /** WAL streams by incarnation. */
    public Map<BrokerIncarnation, Versioned<StreamRecord>> streams() {
        return Collections.unmodifiableMap(streams);
    }

    /** What is set for single consumer groups, by group. */
    public Map<String, Versioned<GroupConfigRecord>> groupConfigs() {
        return Collections.unmodifiableMap(groupConfigs);
    }

    /** Whether {@code incarnation} is registered. */
    public boolean isRegistered(BrokerIncarnation incarnation) {
        Versioned<BrokerRegistration> broker = brokers.get(incarnation.brokerId());
        return broker != null && broker.value().incarnation().equals(incarnation);
    }

    /** Whether {@code incarnation} is registered and ready to lead. */
    public boolean isServing(BrokerIncarnation incarnation) {
        return isRegistered(incarnation) && is(BrokerAvailability.State.SERVING, incarnation);
    }

    /** Whether {@code incarnation} is to give up what it leads. */
    public boolean isDraining(BrokerIncarnation incarnation) {
        return is(BrokerAvailability.State.DRAINING, incarnation);
    }

    private boolean is(BrokerAvailability.State state, BrokerIncarnation incarnation) {
        Versioned<BrokerAvailability> known = availability.get(incarnation.brokerId());
        return known != null && known.value().equals(new BrokerAvailability(incarnation, state));
    }

    /** What was last said of a broker's availability, of whichever incarnation. */
    public Optional<Versioned<BrokerAvailability>> availability(int brokerId) {
        return Optional.ofNullable(availability.get(brokerId));
    }

    /** The id of the broker that an operator wants to lead the partition, whether it lives or not. */
    public Optional<Integer> pin(PartitionId id) {
        return Optional.ofNullable(pins.get(id)).map(Versioned::value);
    }

    /** Whom brokers cannot reach, by the id of the broker that says so. */
    public Map<Integer, Versioned<Suspicions>> suspicions() {
        return Collections.unmodifiableMap(suspicions);
    }

    /** The registered brokers that another registered one cannot reach: they may be dead. */
    public Set<BrokerIncarnation> suspects() {
        return suspicions.values().stream()
                .map(Versioned::value)
                .filter(said -> isRegistered(said.observer()))
                .flatMap(said -> said.suspects().stream())
                .filter(this::isRegistered)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Who owns the shards of the consumer groups that anybody ever owned, by shard. */
    public Map<Integer, Versioned<ShardOwner>> coordinators() {
        return Collections.unmodifiableMap(coordinators);
    }

    /** The partitions that an operator wants to be led by a certain broker. */
    public Set<PartitionId> pinned() {
        return Collections.unmodifiableSet(pins.keySet());
    }

    /** Who owns a shard of the consumer groups, if anybody ever did. */
    public Optional<Versioned<ShardOwner>> coordinator(int shard) {
        return Optional.ofNullable(coordinators.get(shard));
    }

    /**
     * Whether an incarnation is over for good: its stream is sealed, so nothing more of it is acknowledged and it never registers
     * again. Once true of an incarnation, true in every later image.
     */
    public boolean isOver(BrokerIncarnation incarnation) {
        Versioned<StreamRecord> stream = streams.get(incarnation);
        return stream == null
                ? incarnation.brokerEpoch() <= forgottenEpoch
                : stream.value().sealSequence() != null;
    }

    /** The highest epoch of a broker whose stream's record was removed; 0 if none was. */
    long forgottenEpoch() {
        return forgottenEpoch;
    }

    PersistentMap<String, Versioned<TopicRecord>> topicsByName() {
        return topicsByName;
    }

    PersistentMap<UUID, Versioned<TopicRecord>> topicsById() {
        return topicsById;
    }

    PersistentMap<UUID, Versioned<TopicTombstone>> tombstonesById() {
        return tombstones;
    }

    PersistentMap<UUID, PersistentMap<Integer, Versioned<PartitionRecord>>> partitionsByTopic() {
        return partitions;
    }

    PersistentMap<Integer, Versioned<BrokerRegistration>> brokersById() {
        return brokers;
    }

    PersistentMap<BrokerIncarnation, Versioned<StreamRecord>> streamsByIncarnation() {
        return streams;
    }

    PersistentMap<Integer, Versioned<BrokerAvailability>> availabilityById() {
        return availability;
    }

    PersistentMap<PartitionId, Versioned<Integer>> pins() {
        return pins;
    }

    PersistentMap<String, Versioned<GroupConfigRecord>> groupConfigsByGroup() {
        return groupConfigs;
    }

    PersistentMap<Integer, Versioned<Suspicions>> suspicionsByObserver() {
        return suspicions;
    }

    PersistentMap<Integer, Versioned<ShardOwner>> coordinatorsByShard() {
        return coordinators;
    }

    /** Whether both show the same records, whatever their revision. */
    public boolean sameContentAs(ClusterImage other) {
        return topicsByName.equals(other.topicsByName)
                && topicsById.equals(other.topicsById)
                && tombstones.equals(other.tombstones)
                && partitions.equals(other.partitions)
                && brokers.equals(other.brokers)
                && streams.equals(other.streams)
                && forgottenEpoch == other.forgottenEpoch
                && availability.equals(other.availability)
                && pins.equals(other.pins)
                && groupConfigs.equals(other.groupConfigs)
                && suspicions.equals(other.suspicions)
                && coordinators.equals(other.coordinators);
    }

    @Override
    public String toString() {
        return "ClusterImage(revision " + revision + ", " + topicsByName.size() + " topics, " + brokers.size()
                + " brokers)";
    }
}
