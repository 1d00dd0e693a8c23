package io.kafscale.metastore.cluster;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Builds every key of one namespace; written down in {@code docs/metadata-layout.md}. What every broker holds in its
 * {@link ClusterImage} is under {@link #imagePrefix()}, so that one watch sees each transaction whole and nothing else. Immutable.
 */
public final class MetadataKeys {
    private static final Pattern NAMESPACE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}");

    private final String namespace;
    private final String prefix;
    private final String image;

    /**
     * The keys of {@code namespace}.
     *
     * @throws IllegalArgumentException if the name is not 1 to 100 of {@code a-z A-Z 0-9 . _ -}, the first a letter or digit
     */
    public MetadataKeys(String namespace) {
        if (!NAMESPACE.matcher(namespace).matches()) {
            throw new IllegalArgumentException("the namespace '" + namespace
                    + "' is not 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit");
        }
        this.namespace = namespace;
        this.prefix = "/kafscale/" + namespace + "/";
        this.image = prefix + "image/";
    }

    /** The namespace. */
    public String namespace() {
        return namespace;
    }

    /** What all keys of this namespace start with; other parts of the product put theirs below it. */
    public String prefix() {
        return prefix;
    }

    /** What the keys of the cluster image start with. */
    public String imagePrefix() {
        return image;
    }

    /** The {@link ClusterRecord}. */
    public String cluster() {
        return prefix + "cluster";
    }

    /** The last broker epoch given out. */
    public String brokerEpochCounter() {
        return prefix + "broker-epoch";
    }

    /** The end of the last block of producer ids given out. */
    public String producerIdCounter() {
        return prefix + "producer-ids";
    }

    /** How many topics of this name there were. */
    public String topicGeneration(String name) {
        return prefix + "topic-generation/" + name;
    }

    /** Which topic holds a name in its form with {@code .} and {@code _} made equal. */
    public String topicNameClaim(String collapsedName) {
        return prefix + "topic-name-claim/" + collapsedName;
    }

    /** A {@link BrokerRegistration}. */
    public String broker(int brokerId) {
        return brokersPrefix() + brokerId;
    }

    /** A {@link BrokerAvailability}. */
    public String availability(int brokerId) {
        return availabilityPrefix() + brokerId;
    }

    /** The {@link Suspicions} of a broker. */
    public String suspicions(int observerId) {
        return suspicionsPrefix() + observerId;
    }

    /** Who removed a broker's registration lately, for as long as nobody may do so again. */
    public String eviction(int brokerId) {
        return prefix + "evictions/" + brokerId;
    }

    /** Who holds a {@link Role}. */
    public String role(String name) {
        return prefix + "roles/" + name;
    }

    /** The broker a partition is pinned to. */
    public String pin(PartitionId id) {
        return pinsOf(id.topicId()) + id.partition();
    }

    /** What the keys of all pins of a topic start with. */
    public String pinsOf(UUID topicId) {
        return pinsPrefix() + topicId + "/";
    }

    /** The {@link ShardOwner} of a shard of the consumer groups. */
    public String coordinator(int shard) {
        return coordinatorsPrefix() + shard;
    }

    /** A {@link StreamRecord}. */
    public String stream(BrokerIncarnation incarnation) {
        return streamsPrefix() + incarnation.streamName();
    }

    /** The highest epoch of a broker whose {@link StreamRecord} was removed. */
    public String forgottenStreams() {
        return image + "forgotten-streams";
    }

    /** A {@link TopicRecord}. */
    public String topic(String name) {
        return topicsPrefix() + name;
    }

    /** A {@link TopicTombstone}. */
    public String deletedTopic(UUID topicId) {
        return deletedTopicsPrefix() + topicId;
    }

    /** A {@link PartitionRecord}. */
    public String partition(PartitionId id) {
        return partitionsOf(id.topicId()) + id.partition();
    }

    /** A {@link GroupConfigRecord}. Group ids may have any character, so they are written as in a URL's query. */
    public String groupConfig(String group) {
        return groupConfigsPrefix() + URLEncoder.encode(group, StandardCharsets.UTF_8);
    }

    /** What the keys of all partitions of a topic start with. */
    public String partitionsOf(UUID topicId) {
        return partitionsPrefix() + topicId + "/";
    }

    String groupConfigsPrefix() {
        return image + "group-configs/";
    }

    String brokersPrefix() {
        return image + "brokers/";
    }

    String availabilityPrefix() {
        return image + "availability/";
    }

    String suspicionsPrefix() {
        return image + "suspicions/";
    }

    String pinsPrefix() {
        return image + "pins/";
    }

    String coordinatorsPrefix() {
        return image + "coordinators/";
    }

    String streamsPrefix() {
        return image + "streams/";
    }

    String topicsPrefix() {
        return image + "topics/";
    }

    String deletedTopicsPrefix() {
        return image + "deleted-topics/";
    }

    /** The records of all partitions. */
    public String partitionsPrefix() {
        return image + "partitions/";
    }

    @Override
    public String toString() {
        return prefix;
    }
}
