package io.kafscale.metastore.cluster;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/** What a key under {@link MetadataKeys#imagePrefix()} names. */
sealed interface ImageKey {
    record Topic(String name) implements ImageKey {}

    record DeletedTopic(UUID id) implements ImageKey {}

    record Partition(PartitionId id) implements ImageKey {}

    record Broker(int id) implements ImageKey {}

    record Availability(int brokerId) implements ImageKey {}

    record Suspicions(int observerId) implements ImageKey {}

    record Pin(PartitionId id) implements ImageKey {}

    record Coordinator(int shard) implements ImageKey {}

    record Stream(BrokerIncarnation incarnation) implements ImageKey {}

    record ForgottenStreams() implements ImageKey {}

    record GroupConfig(String group) implements ImageKey {}

    /** The key in the store. */
    default String in(MetadataKeys keys) {
        return switch (this) {
            case Topic topic -> keys.topic(topic.name());
            case DeletedTopic topic -> keys.deletedTopic(topic.id());
            case Partition partition -> keys.partition(partition.id());
            case Broker broker -> keys.broker(broker.id());
            case Availability availability -> keys.availability(availability.brokerId());
            case Suspicions suspicions -> keys.suspicions(suspicions.observerId());
            case Pin pin -> keys.pin(pin.id());
            case Coordinator coordinator -> keys.coordinator(coordinator.shard());
            case Stream stream -> keys.stream(stream.incarnation());
            case ForgottenStreams _ -> keys.forgottenStreams();
            case GroupConfig config -> keys.groupConfig(config.group());
        };
    }

    /** Empty for a key that this version does not write: later versions may add kinds. */
    static Optional<ImageKey> parse(MetadataKeys keys, String key) {
        try {
            return read(keys, key).filter(parsed -> parsed.in(keys).equals(key));
        } catch (IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }

    private static Optional<ImageKey> read(MetadataKeys keys, String key) {
        if (key.startsWith(keys.partitionsPrefix())) {
            return partition(key.substring(keys.partitionsPrefix().length())).map(Partition::new);
        }
        if (key.startsWith(keys.pinsPrefix())) {
            return partition(key.substring(keys.pinsPrefix().length())).map(Pin::new);
        }
        if (key.startsWith(keys.availabilityPrefix())) {
            return Optional.of(new Availability(
                    Integer.parseInt(key.substring(keys.availabilityPrefix().length()))));
        }
        if (key.startsWith(keys.suspicionsPrefix())) {
            return Optional.of(new Suspicions(
                    Integer.parseInt(key.substring(keys.suspicionsPrefix().length()))));
        }
        if (key.startsWith(keys.coordinatorsPrefix())) {
            return Optional.of(new Coordinator(
                    Integer.parseInt(key.substring(keys.coordinatorsPrefix().length()))));
        }
        if (key.startsWith(keys.topicsPrefix())) {
            return Optional.of(new Topic(key.substring(keys.topicsPrefix().length())));
        }
        if (key.startsWith(keys.deletedTopicsPrefix())) {
            return Optional.of(new DeletedTopic(
                    UUID.fromString(key.substring(keys.deletedTopicsPrefix().length()))));
        }
        if (key.startsWith(keys.brokersPrefix())) {
            return Optional.of(new Broker(
                    Integer.parseInt(key.substring(keys.brokersPrefix().length()))));
        }
        if (key.startsWith(keys.streamsPrefix())) {
            return Optional.of(new Stream(
                    BrokerIncarnation.parse(key.substring(keys.streamsPrefix().length()))));
        }
        if (key.equals(keys.forgottenStreams())) {
            return Optional.of(new ForgottenStreams());
        }
        if (key.startsWith(keys.groupConfigsPrefix())) {
            return Optional.of(new GroupConfig(
                    URLDecoder.decode(key.substring(keys.groupConfigsPrefix().length()), StandardCharsets.UTF_8)));
        }
        return Optional.empty();
    }

    private static Optional<PartitionId> partition(String rest) {
        int slash = rest.indexOf('/');
        return slash < 0
                ? Optional.empty()
                : Optional.of(new PartitionId(
                        UUID.fromString(rest.substring(0, slash)), Integer.parseInt(rest.substring(slash + 1))));
    }
}
