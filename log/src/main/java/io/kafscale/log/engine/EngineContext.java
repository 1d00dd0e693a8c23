package io.kafscale.log.engine;

import io.kafscale.format.ObjectLayout;
import io.kafscale.log.LogSettings;
import io.kafscale.log.read.RecordTimestampFinder;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.runtime.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * What a log engine needs of the outside world. Immutable.
 *
 * @param objects the object store; its reads, lists and deletes retry transient failures, its puts do not
 * @param layout where objects of the namespace are
 * @param metadata the metadata store and the keys of the namespace; its loop is the log loop too
 * @param loop the log loop
 * @param compute where whole segments are encoded and checked, off the log loop; the simulator passes the loop itself
 * @param timestamps finds records by time inside a batch, which takes Kafka's code
 * @param random used on the log loop only
 * @param settings what the operator tunes
 */
public record EngineContext(
        ObjectStore objects,
        ObjectLayout layout,
        MetadataAccess metadata,
        EventLoop loop,
        Executor compute,
        RecordTimestampFinder timestamps,
        RandomGenerator random,
        LogSettings settings) {

    /** The same outcome, with everything that depends on it running on the log loop. */
    <T> CompletableFuture<T> onLoop(CompletableFuture<T> future) {
        return future.whenCompleteAsync((value, failure) -> {}, loop);
    }
}
