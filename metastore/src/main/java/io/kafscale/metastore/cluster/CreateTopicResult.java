package io.kafscale.metastore.cluster;

/** What became of a request to create a topic. */
public sealed interface CreateTopicResult {
    /**
     * It exists now.
     *
     * @param revision from which on images contain it
     */
    record Created(TopicRecord topic, long revision) implements CreateTopicResult {}

    /**
     * A topic of this name exists; nothing was written.
     *
     * @param revision from which on images contain it as it is
     */
    record AlreadyExists(TopicRecord existing, long revision) implements CreateTopicResult {}

    /** Its name is not allowed or collides with a topic that exists; {@code reason} is worded as Kafka words it. */
    record InvalidTopic(String reason) implements CreateTopicResult {}

    /** Its number of partitions is not possible. */
    record InvalidPartitions(String reason) implements CreateTopicResult {}

    /** Its configs are too large to be stored. */
    record InvalidConfigs(String reason) implements CreateTopicResult {}
}
