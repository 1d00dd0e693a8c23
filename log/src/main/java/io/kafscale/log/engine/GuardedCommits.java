package io.kafscale.log.engine;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.cluster.Guard;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.Versioned;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Writes partition records as long as our incarnation is registered. A registration that is gone does not mean that somebody else
 * leads: it is renewed, or the incarnation is told that it was judged dead, and the write counts as one that could not be made now.
 * Log loop only.
 */
final class GuardedCommits {
    private final PartitionStore partitions;
    private final Registration registration;

    GuardedCommits(PartitionStore partitions, Registration registration) {
        this.partitions = partitions;
        this.registration = registration;
    }

    /** Writes each change whose record nobody wrote since; see {@link PartitionStore#commit}. Never answers {@code GuardFailed}. */
    CompletableFuture<List<PartitionOutcome>> commit(List<PartitionChange> changes) {
        Guard guard = registration.guard();
        return partitions.commit(changes, List.of(guard)).thenApply(outcomes -> {
            if (outcomes.stream().noneMatch(PartitionOutcome.GuardFailed.class::isInstance)) {
                return outcomes;
            }
            registration.refuted(guard);
            return outcomes.stream().map(this::withoutGuard).toList();
        });
    }

    /** Writes one record after {@code read}. */
    CompletableFuture<PartitionOutcome> write(Versioned<PartitionRecord> read, PartitionRecord next) {
        return commit(List.of(PartitionChange.update(read, next))).thenApply(List<PartitionOutcome>::getFirst);
    }

    private PartitionOutcome withoutGuard(PartitionOutcome outcome) {
        return outcome instanceof PartitionOutcome.GuardFailed
                ? new PartitionOutcome.Failed(new MetadataException(
                        MetadataException.Kind.UNAVAILABLE,
                        "broker " + registration.incarnation() + " was not registered when it wrote"))
                : outcome;
    }
}
