package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.PartitionId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Who appends to a partition that has just changed hands has waited for its leader, and does not wait for the pace of flushes, too: the
 * first appends are made durable at once. That costs no more than {@value #MOST_FLUSHES} flushes a takeover, however many partitions were
 * taken. Log loop only.
 */
final class FirstAppends {
    static final int MOST_FLUSHES = 8;

    private final Executor loop;
    private final Runnable flush;
    private final Set<PartitionId> awaited = new HashSet<>();
    private int flushesLeft;
    private boolean queued;

    /**
     * None are expected.
     *
     * @param flush makes durable what was appended
     */
    FirstAppends(Executor loop, Runnable flush) {
        this.loop = loop;
        this.flush = flush;
    }

    /** The partition was led by another broker before. */
    void expect(PartitionId id) {
        awaited.add(id);
        flushesLeft = MOST_FLUSHES;
    }

    /** The partition is led no more. */
    void forget(PartitionId id) {
        awaited.remove(id);
    }

    /** Something was appended; what comes in the same moment shares the flush. */
    void appended(PartitionId id) {
        if (awaited.remove(id) && !queued && flushesLeft > 0) {
            flushesLeft--;
            queued = true;
            loop.execute(() -> {
                queued = false;
                flush.run();
            });
        }
    }
}
