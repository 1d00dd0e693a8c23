package io.kafscale.metastore.cluster;

import java.util.Optional;
import java.util.UUID;

/** What a key under {@link MetadataKeys#imagePrefix()} names. */
sealed interface ImageKey {
    record Topic(String name) implements ImageKey {}

    record DeletedTopic(UUID id) implements ImageKey {}

    record Partition(PartitionId id) implements ImageKey {}

    record Broker(int id) implements ImageKey {}

    record Stream(BrokerIncarnation incarnation) implements ImageKey {}

    /** Empty for a key of a kind this version does not know: later versions may add some. */
    static Optional<ImageKey> parse(MetadataKeys keys, String key) {
        try {
            if (key.startsWith(keys.partitionsPrefix())) {
                String rest = key.substring(keys.partitionsPrefix().length());
                int slash = rest.indexOf('/');
                return slash < 0
                        ? Optional.empty()
                        : Optional.of(new Partition(new PartitionId(
                                UUID.fromString(rest.substring(0, slash)),
                                Integer.parseInt(rest.substring(slash + 1)))));
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
                return Optional.of(new Stream(BrokerIncarnation.parse(
                        key.substring(keys.streamsPrefix().length()))));
            }
            return Optional.empty();
        } catch (IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }
}
