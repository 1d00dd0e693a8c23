package io.kafscale.log.check;

import io.kafscale.format.ObjectLayout;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.runtime.EventLoop;
import java.util.Optional;
import java.util.function.Function;

/**
 * The two halves of a namespace. Immutable.
 *
 * @param objects the object store; its reads, lists and deletes retry transient failures
 * @param layout where objects of the namespace are
 * @param metadata the metadata store and the keys of the namespace; everything runs on its loop
 * @param groupKeys what is wrong with a key of a group shard, if anything is: only Kafka's code can tell
 */
public record CheckContext(
        ObjectStore objects,
        ObjectLayout layout,
        MetadataAccess metadata,
        Function<KeyValue, Optional<String>> groupKeys) {
    EventLoop loop() {
        return metadata.loop();
    }
}
