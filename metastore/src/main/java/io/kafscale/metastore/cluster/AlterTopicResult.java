package io.kafscale.metastore.cluster;

/** What became of a request to change a topic. */
public sealed interface AlterTopicResult {
    /**
     * It is as asked for; nothing was written if it already was.
     *
     * @param revision from which on images show it
     */
    record Altered(TopicRecord topic, long revision) implements AlterTopicResult {}

    /** There is no topic of this name. */
    record NotFound() implements AlterTopicResult {}

    /** The change is not possible; {@code reason} is worded as Kafka words it. */
    record Rejected(String reason) implements AlterTopicResult {}
}
