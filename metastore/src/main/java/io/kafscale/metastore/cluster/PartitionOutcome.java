package io.kafscale.metastore.cluster;

import io.kafscale.metastore.MetadataException;
import org.jspecify.annotations.Nullable;

/** What became of one {@link PartitionChange}. */
public sealed interface PartitionOutcome {
    /** It is written; {@code modRevision} is what the next change expects. */
    record Applied(PartitionRecord record, long modRevision) implements PartitionOutcome {}

    /** Somebody else wrote the record since it was read; {@code current} is what it is, null if it does not exist. */
    record Conflict(@Nullable Versioned<PartitionRecord> current) implements PartitionOutcome {}

    /** The topic of a record to be created was changed or deleted since; look at a newer image. */
    record TopicChanged() implements PartitionOutcome {}

    /** The guard {@code key} is not as expected: the writer is no longer who it thinks it is. */
    record GuardFailed(String key) implements PartitionOutcome {}

    /** Not known ({@link MetadataException.Kind#OUTCOME_UNKNOWN}), or not written (any other kind). */
    record Failed(MetadataException cause) implements PartitionOutcome {}
}
