package io.kafscale.format.wal;

import io.kafscale.format.TopicDirectory;
import java.util.UUID;

/**
 * Whose record batches a chunk holds: one partition's, appended under one leader epoch. An object has at most one chunk
 * for each. Immutable; any thread.
 *
 * @param topicId id of the topic; tells it from others that had the same name
 * @param topic name of the topic
 * @param partition partition of the topic
 * @param leaderEpoch leader epoch under which the batches were appended
 */
public record ChunkKey(UUID topicId, String topic, int partition, int leaderEpoch) {
    public ChunkKey {
        if (!TopicDirectory.isTopicName(topic) || partition < 0 || leaderEpoch < 0) {
            throw new IllegalArgumentException(
                    "no chunk of '" + topic + "', partition " + partition + ", epoch " + leaderEpoch);
        }
    }
}
