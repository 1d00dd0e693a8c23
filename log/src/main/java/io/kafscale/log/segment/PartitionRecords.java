package io.kafscale.log.segment;

import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.concurrent.CompletableFuture;

/**
 * How partition records are changed in the metadata store: the partition store with the guards of whoever runs this log. Called on
 * the log loop.
 */
@FunctionalInterface
public interface PartitionRecords {
    /**
     * Writes {@code next} if nobody wrote the record since {@code read}.
     *
     * @return completes on any thread; a store that cannot be reached is an outcome, not a failure
     */
    CompletableFuture<PartitionOutcome> write(Versioned<PartitionRecord> read, PartitionRecord next);
}
