package io.kafscale.log.segment;

import io.kafscale.format.ObjectLayout;
import io.kafscale.metastore.cluster.PartitionId;

/**
 * Where one partition's objects are. Immutable; any thread.
 *
 * @param topic the topic's name
 * @param directory the topic's directory, which no other topic of that name ever has
 */
public record PartitionPlace(PartitionId id, String topic, String directory) {
    /** Key of the data file of the segment that starts at {@code baseOffset}. */
    public String segmentKey(ObjectLayout layout, long baseOffset) {
        return layout.segmentKey(directory, id.partition(), baseOffset);
    }

    /** Key of the index file of the segment that starts at {@code baseOffset}. */
    public String indexKey(ObjectLayout layout, long baseOffset) {
        return layout.indexKey(directory, id.partition(), baseOffset);
    }

    /** Prefix of all of them. */
    public String prefix(ObjectLayout layout) {
        return layout.partitionPrefix(directory, id.partition());
    }

    @Override
    public String toString() {
        return topic + "-" + id.partition() + " (" + id.topicId() + ")";
    }
}
