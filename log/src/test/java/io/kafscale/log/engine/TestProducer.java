package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An idempotent producer as Kafka's: several batches of one record in flight, in order; after a refusal it waits until nothing is in
 * flight, asks who leads and sends what is unacknowledged again, in order.
 */
final class TestProducer {
    private static final int IN_FLIGHT = 5;

    private static final class Batch {
        final int sequence;

        @Nullable
        CompletableFuture<?> sent;

        @Nullable
        TestBroker sentTo;

        Batch(int sequence) {
            this.sequence = sequence;
        }
    }

    private final List<TestBroker> brokers;
    private final PartitionId id;
    private final long producerId;
    private final List<Batch> unacknowledged = new ArrayList<>();
    private final List<LogException.Kind> refusals = new ArrayList<>();
    private int nextSequence;
    private int acknowledged;
    private boolean recovering;
    private @Nullable BrokerIncarnation target;
    private long answeredNanos;
    private long longestGapNanos;

    TestProducer(List<TestBroker> brokers, PartitionId id, long producerId) {
        this.brokers = brokers;
        this.id = id;
        this.producerId = producerId;
        this.answeredNanos = brokers.getFirst().cluster.time.nanoTime();
    }

    /** Sends what may be sent now and takes what has been answered; {@code more} says whether there are new records. */
    void turn(boolean more) {
        takeAnswers();
        boolean idle = unacknowledged.stream().allMatch(batch -> batch.sent == null);
        if (recovering && !idle) {
            return;
        }
        if (recovering || target == null) {
            recovering = false;
            target = leader().orElse(null);
        }
        while (more && unacknowledged.size() < IN_FLIGHT) {
            unacknowledged.add(new Batch(nextSequence++));
        }
        TestBroker broker = target == null ? null : broker(target).orElse(null);
        if (broker == null) {
            target = null;
            return;
        }
        for (Batch batch : unacknowledged) {
            if (batch.sent == null) {
                batch.sent = broker.append(id, Batches.by(producerId, 0, batch.sequence, 1));
                batch.sentTo = broker;
            }
        }
    }

    private void takeAnswers() {
        for (Batch batch : List.copyOf(unacknowledged)) {
            CompletableFuture<?> sent = batch.sent;
            boolean dead = batch.sentTo != null && !batch.sentTo.isAlive();
            if (sent != null && (sent.isDone() || dead)) {
                if (sent.isDone() && !sent.isCompletedExceptionally()) {
                    unacknowledged.remove(batch);
                    acknowledged++;
                    answered();
                } else {
                    if (sent.isDone() && sent.exceptionNow() instanceof LogException known) {
                        refusals.add(known.kind());
                    }
                    batch.sent = null;
                    recovering = true;
                }
            }
        }
    }

    private void answered() {
        long now = brokers.getFirst().cluster.time.nanoTime();
        longestGapNanos = Math.max(longestGapNanos, now - answeredNanos);
        answeredNanos = now;
    }

    private Optional<BrokerIncarnation> leader() {
        return brokers.stream()
                .filter(broker -> broker.isAlive() && broker.isConnected())
                .findFirst()
                .flatMap(broker -> broker.images.image().partition(id))
                .map(record -> record.value().leader());
    }

    private Optional<TestBroker> broker(BrokerIncarnation incarnation) {
        return brokers.stream()
                .filter(broker -> broker.isAlive() && broker.id == incarnation.brokerId())
                .findFirst();
    }

    boolean isDone() {
        return unacknowledged.isEmpty();
    }

    int acknowledged() {
        return acknowledged;
    }

    int sent() {
        return nextSequence;
    }

    List<LogException.Kind> refusals() {
        return refusals;
    }

    long longestGapMs() {
        return longestGapNanos / 1_000_000;
    }

    /** What must be readable, in this order and once each. */
    List<String> expected() {
        var expected = new ArrayList<String>();
        for (int sequence = 0; sequence < nextSequence; sequence++) {
            expected.add(producerId + ":" + sequence);
        }
        return expected;
    }
}
