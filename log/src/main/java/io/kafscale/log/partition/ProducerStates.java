package io.kafscale.log.partition;

import io.kafscale.format.ProducerEntry;
import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateBuilder;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RecordBatchView;
import io.kafscale.log.ActiveProducer;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.segment.ProducerSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a partition knows of its idempotent producers, and Kafka's rules for their batches ({@code ProducerAppendInfo} and
 * {@code UnifiedLog.analyzeAndValidateProducerState} of Kafka 4.3, the part that is not about transactions):
 *
 * <ul>
 *   <li>a batch with the exact sequence range of one of the producer's last five is a duplicate of that one;
 *   <li>an epoch below the producer's current one is refused, a higher one must start with sequence 0;
 *   <li>within an epoch sequences follow each other, {@link Integer#MAX_VALUE} being followed by 0;
 *   <li>of an unknown producer any sequence is accepted, since its earlier records may have been deleted, unless an earlier one of
 *       its batches was refused and will come again, see {@link AwaitedSequences}.
 * </ul>
 *
 * <p>A sequence from before the last five is out of order like any other that does not follow, which is what Kafka answers too. Only
 * the last five that earlier leaders took are recognised for {@link #INHERITED} whatever follows: a leader that stands still leaves its
 * clients without an answer until their requests time out, and meanwhile they may send the next leader more than five others. Belongs
 * to the log loop.
 */
public final class ProducerStates {
    /** Kafka's default of {@code producer.id.expiration.ms}. */
    public static final Duration DEFAULT_EXPIRATION = Duration.ofDays(1);

    /** Longer than a client tries to deliver a batch, which is two minutes by default. */
    static final Duration INHERITED = Duration.ofMinutes(15);

    private static final int FIRST_SWEEP_SIZE = 1000;

    /** What becomes of an append. */
    public sealed interface Verdict {
        /** Its batches follow. */
        record Accepted() implements Verdict {}

        /** A batch of it was appended before, as {@code original}. */
        record Duplicate(BatchEntry original) implements Verdict {}

        /** It must not be appended. */
        record Refused(LogException cause) implements Verdict {}
    }

    private static final Verdict ACCEPTED = new Verdict.Accepted();
    private static final short NO_EPOCH = -1;

    private record Position(short epoch, int lastSequence) {
        static final Position UNKNOWN = new Position(NO_EPOCH, RecordBatchView.NO_SEQUENCE);
    }

    private final long expirationMs;
    private final Map<Long, ProducerEntry> producers = new HashMap<>();
    private final Map<Long, ProducerEntry> inherited = new HashMap<>();
    private long inheritedUntilMs;
    private boolean complete;
    private int sweepAt = FIRST_SWEEP_SIZE;

    /** No producer known; {@link #precede} brings the past. */
    public ProducerStates(Duration expiration) {
        this.expirationMs = expiration.toMillis();
    }

    /** Checks the batches of one append, all or none. Changes nothing. */
    public Verdict check(Iterable<RecordBatchView> batches) {
        Map<Long, Position> positions = null;
        for (RecordBatchView batch : batches) {
            if (!batch.hasProducerId()) {
                continue;
            }
            ProducerEntry known = producers.get(batch.producerId());
            BatchEntry original = known == null ? null : original(batch, known);
            if (original != null) {
                return new Verdict.Duplicate(original);
            }
            Position position = positions == null ? null : positions.get(batch.producerId());
            LogException refused = refusal(batch, position != null ? position : positionOf(known), known);
            if (refused != null) {
                return new Verdict.Refused(refused);
            }
            if (positions == null) {
                positions = new HashMap<>(2);
            }
            positions.put(batch.producerId(), new Position(batch.producerEpoch(), batch.lastSequence()));
        }
        return ACCEPTED;
    }

    private static Position positionOf(@Nullable ProducerEntry known) {
        if (known == null) {
            return Position.UNKNOWN;
        }
        int lastSequence = known.batches().isEmpty()
                ? RecordBatchView.NO_SEQUENCE
                : known.batches().getLast().lastSequence();
        return new Position(known.producerEpoch(), lastSequence);
    }

    private @Nullable BatchEntry original(RecordBatchView batch, ProducerEntry known) {
        BatchEntry original = duplicateOf(batch, known);
        if (original != null || batch.producerEpoch() != known.producerEpoch()) {
            return original;
        }
        ProducerEntry before = inherited.get(batch.producerId());
        return before == null ? null : duplicateOf(batch, before);
    }

    private static @Nullable BatchEntry duplicateOf(RecordBatchView batch, ProducerEntry known) {
        if (batch.producerEpoch() == known.producerEpoch()) {
            for (BatchEntry entry : known.batches()) {
                if (entry.baseSequence() == batch.baseSequence() && entry.lastSequence() == batch.lastSequence()) {
                    return entry;
                }
            }
        }
        return null;
    }

    private static @Nullable LogException refusal(
            RecordBatchView batch, Position position, @Nullable ProducerEntry known) {
        if (batch.producerEpoch() < position.epoch()) {
            return new LogException(
                    Kind.INVALID_PRODUCER_EPOCH,
                    "producer " + batch.producerId() + " has epoch " + position.epoch() + ", not "
                            + batch.producerEpoch());
        }
        boolean follows;
        if (batch.producerEpoch() != position.epoch()) {
            follows = batch.baseSequence() == 0 || position.epoch() == NO_EPOCH;
        } else {
            follows = known == null || inSequence(position.lastSequence(), batch.baseSequence());
        }
        return follows
                ? null
                : new LogException(
                        Kind.OUT_OF_ORDER_SEQUENCE,
                        "producer " + batch.producerId() + " sent sequence " + batch.baseSequence() + " in epoch "
                                + batch.producerEpoch() + " after " + position.lastSequence() + " in epoch "
                                + position.epoch());
    }

    private static boolean inSequence(int last, int next) {
        return next == last + 1L || (next == 0 && last == Integer.MAX_VALUE);
    }

    /** Whether anything is known of a producer. */
    boolean knows(long producerId) {
        return producers.containsKey(producerId);
    }

    /** Takes an accepted batch into account, once its offsets are assigned. */
    public void append(RecordBatchView batch, long nowMs) {
        if (!batch.hasProducerId() || batch.baseSequence() < 0) {
            return;
        }
        if (nowMs >= inheritedUntilMs) {
            inherited.clear();
        }
        var added =
                new BatchEntry(batch.baseSequence(), batch.lastSequence(), batch.baseOffset(), batch.maxTimestamp());
        ProducerEntry known = producers.get(batch.producerId());
        var batches = new ArrayList<BatchEntry>(ProducerEntry.MAX_BATCHES);
        if (known != null && known.producerEpoch() == batch.producerEpoch()) {
            List<BatchEntry> before = known.batches();
            batches.addAll(before.subList(Math.max(0, before.size() + 1 - ProducerEntry.MAX_BATCHES), before.size()));
        }
        batches.add(added);
        producers.put(
                batch.producerId(),
                new ProducerEntry(batch.producerId(), batch.producerEpoch(), batches, added.maxTimestampMs()));
        if (producers.size() >= sweepAt) {
            expire(nowMs);
            sweepAt = Math.max(FIRST_SWEEP_SIZE, 2 * producers.size());
        }
    }

    /** Takes batches of earlier leaders into account, which they had accepted. */
    void replay(ProducerStateBuilder replayed, long nowMs) {
        for (ProducerEntry entry : replayed.snapshot().producers()) {
            producers.put(entry.producerId(), entry);
            inherited.put(entry.producerId(), entry);
        }
        inheritedUntilMs = nowMs + INHERITED.toMillis();
    }

    /**
     * Puts what was known before the batches seen so far below them, where {@code before} may know some of them already. From now on
     * every producer that is not known is one that never wrote here, or not for long.
     */
    public void precede(ProducerStateSnapshot before) {
        ProducerStateSnapshot joined = ProducerSnapshots.joined(before, snapshot());
        producers.clear();
        joined.producers().forEach(entry -> producers.put(entry.producerId(), entry));
        complete = true;
    }

    /** Whether the past has been brought in: until then an unknown producer may be one that was forgotten here. */
    public boolean isComplete() {
        return complete;
    }

    /** Forgets producers whose last batch is older than the expiration. */
    public void expire(long nowMs) {
        producers.values().removeIf(entry -> nowMs - entry.lastTimestampMs() >= expirationMs);
    }

    /** All producers, ascending by id. */
    public ProducerStateSnapshot snapshot() {
        return new ProducerStateSnapshot(
                complete,
                producers.values().stream()
                        .sorted(Comparator.comparingLong(ProducerEntry::producerId))
                        .toList());
    }

    /** All producers that have not expired, ascending by id, for those who describe the partition. */
    public List<ActiveProducer> active(long nowMs) {
        expire(nowMs);
        return snapshot().producers().stream()
                .map(entry -> new ActiveProducer(
                        entry.producerId(),
                        entry.producerEpoch(),
                        positionOf(entry).lastSequence(),
                        entry.lastTimestampMs()))
                .toList();
    }
}
