package io.kafscale.metastore.cluster;

/** What became of a request to delete a topic. */
public sealed interface DeleteTopicResult {
    /**
     * It is gone, and its tombstone is there.
     *
     * @param revision from which on images show that
     */
    record Deleted(TopicTombstone tombstone, long revision) implements DeleteTopicResult {}

    /** No topic of this name has this id. */
    record NotFound() implements DeleteTopicResult {}
}
