package io.kafscale.log.partition;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.log.AppendRequest;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.TimeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Batches of idempotent producers that were refused for a reason that may pass, and will come again. Where nothing is known of a
 * producer, any sequence is taken for its first: without this, the second of several batches in flight would be taken where the first
 * one came a moment too early (nobody led the partition yet) or found no room until its deadline, and the first would be out of
 * order ever after. Kafka has the same rule for producers it verifies ({@code VerificationStateEntry}, KIP-890).
 *
 * <p>Outlives sessions and partitions. Bounded in number and time: what is forgotten is decided as Kafka does. Belongs to the log
 * loop.
 */
public final class AwaitedSequences {
    private static final int MOST = 10_000;

    /**
     * While a batch waits to be sent again, clients send no new one behind it: those that were on their way with it arrive within a
     * request's timeout, 30 seconds by default. Nobody is waited for much longer, since another broker may have taken it meanwhile.
     */
    private static final long LONGEST_NANOS = Duration.ofMinutes(1).toNanos();

    private record Producer(PartitionId partition, long id) {}

    private record Awaited(short epoch, int sequence, long refusedNanos) {}

    private final TimeSource time;
    private final Map<Producer, Awaited> awaited = new LinkedHashMap<>();

    /** None awaited. */
    public AwaitedSequences(TimeSource time) {
        this.time = time;
    }

    /**
     * An append was refused, and its producers will send it again.
     *
     * @param known producers of which the partition knows something: what comes next of them it can tell by itself
     */
    public void refused(AppendRequest request, LongPredicate known) {
        try {
            for (RecordBatchView batch : RecordBatches.of(request.batches(), "refused append")) {
                if (batch.hasProducerId() && !known.test(batch.producerId())) {
                    refused(request.partition(), batch);
                }
            }
        } catch (CorruptObjectException malformed) {
            // Nothing like it will ever be taken, so nobody waits for it.
            return;
        }
    }

    private void refused(PartitionId partition, RecordBatchView batch) {
        if (isEarly(partition, batch)) {
            return; // one that comes before it is awaited, and not for longer because of this one
        }
        var producer = new Producer(partition, batch.producerId());
        awaited.remove(producer);
        awaited.put(producer, new Awaited(batch.producerEpoch(), batch.baseSequence(), time.nanoTime()));
        if (awaited.size() > MOST) {
            awaited.remove(awaited.keySet().iterator().next());
        }
    }

    /** Whether a batch before this one, of the same producer, has been refused and is still to come. */
    boolean isEarly(PartitionId partition, RecordBatchView batch) {
        if (awaited.isEmpty()) {
            return false;
        }
        Awaited known = awaited.get(new Producer(partition, batch.producerId()));
        return known != null
                && known.epoch() == batch.producerEpoch()
                && known.sequence() < batch.baseSequence()
                && !isOver(known);
    }

    private boolean isOver(Awaited known) {
        return time.nanoTime() - known.refusedNanos() > LONGEST_NANOS;
    }

    /** A batch was taken: from here on the partition knows its producer. */
    void taken(PartitionId partition, RecordBatchView batch) {
        if (!awaited.isEmpty()) {
            awaited.remove(new Producer(partition, batch.producerId()));
        }
    }
}
