package io.kafscale.log.recover;

import io.kafscale.format.ClusterObject;
import io.kafscale.format.StreamId;
import io.kafscale.metastore.cluster.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a bucket says of itself. Immutable from outside.
 *
 * @param identity the newest identity object
 * @param streams WAL streams
 * @param directories directories of segments by name
 * @param runs what all streams hold, by partition, in no order
 */
record FoundBucket(
        Optional<ClusterObject> identity,
        SortedMap<StreamId, FoundStream> streams,
        SortedMap<String, FoundDirectory> directories,
        Map<PartitionId, List<FoundStream.Run>> runs) {

    static FoundBucket of(
            Optional<ClusterObject> identity,
            SortedMap<StreamId, FoundStream> streams,
            SortedMap<String, FoundDirectory> directories) {
        Map<PartitionId, List<FoundStream.Run>> runs = new HashMap<>();
        streams.values()
                .forEach(stream -> stream.runs()
                        .forEach((partition, found) -> runs.computeIfAbsent(partition, _ -> new ArrayList<>())
                                .addAll(found)));
        return new FoundBucket(identity, streams, directories, runs);
    }

    /** The largest restore generation that left a trace. */
    int restoreGeneration() {
        int generation = identity.map(ClusterObject::restoreGeneration).orElse(0);
        for (StreamId stream : streams.keySet()) {
            generation = Math.max(generation, (int) (stream.brokerEpoch() >>> 48));
        }
        return generation;
    }
}
