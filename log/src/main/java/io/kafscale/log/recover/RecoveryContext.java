package io.kafscale.log.recover;

import io.kafscale.format.ObjectLayout;
import io.kafscale.log.LogSettings;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.runtime.EventLoop;

/**
 * What a recovery works on. Immutable.
 *
 * @param objects the object store; its reads, lists and deletes retry transient failures, its puts do not
 * @param layout where objects of the namespace are
 * @param metadata the metadata store and the keys of the namespace; everything runs on its loop
 * @param settings those of the brokers
 */
public record RecoveryContext(ObjectStore objects, ObjectLayout layout, MetadataAccess metadata, LogSettings settings) {
    EventLoop loop() {
        return metadata.loop();
    }
}
