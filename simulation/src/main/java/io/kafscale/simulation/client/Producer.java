package io.kafscale.simulation.client;

import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.format.Sequences;
import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.runtime.EventLoop;
import io.kafscale.simulation.World;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.PartitionFacts;
import io.kafscale.simulation.invariant.ReadBatch.RecordLabel;
import io.kafscale.simulation.invariant.SentBatch;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * A producer of one partition that behaves as the Java client does ({@code Sender}, {@code RecordAccumulator} and
 * {@code TransactionManager} of Kafka 4.3): batches get their sequence when they are first sent, several are in flight, one that
 * fails for a reason that may pass is sent again with the same bytes, and until it is through nothing behind it is; one whose
 * delivery timeout passes is given up with all behind it, and an idempotent producer goes on with another epoch.
 *
 * <p>Confined to the simulation's one thread; runs on the world's loop.
 */
public final class Producer implements Client {
    private static final int MOST_QUEUED = 40;
    private static final Duration LONGEST_OUTAGE = Duration.ofSeconds(25);

    /** A batch on its way. */
    private static final class Outgoing {
        final SentBatch label;
        final ByteBuffer bytes;
        final long createdNanos;
        int attempt;
        boolean sending;
        boolean over;
        long notBeforeNanos;

        Outgoing(SentBatch label, ByteBuffer bytes, long createdNanos) {
            this.label = label;
            this.bytes = bytes;
            this.createdNanos = createdNanos;
        }
    }

    private final ClientContext context;
    private final String name;
    private final PartitionFacts partition;
    private final ProducerSettings settings;
    private final RandomGenerator random;
    private final Link link;
    private final Deque<Long> unsent = new ArrayDeque<>();
    private final List<Outgoing> incomplete = new ArrayList<>();
    private final long producerId;
    private final int number;
    private short epoch;
    private int nextSequence;
    private long nextRecord;
    private boolean stopping;
    private Optional<EventLoop.Timer> wake = Optional.empty();

    /**
     * A producer that has sent nothing.
     *
     * @param number tells it from all other producers of the history
     */
    public Producer(ClientContext context, int number, PartitionFacts partition, ProducerSettings settings) {
        this.context = context;
        this.name = "producer-" + number;
        this.number = number;
        this.producerId = number;
        this.partition = partition;
        this.settings = settings;
        this.random = context.world().seeds().stream(name);
        this.link = new Link(context, random);
    }

    @Override
    public void start() {
        context.world().after(interval(), this::produce);
        settings.offlineEvery().ifPresent(this::goOfflineLater);
    }

    private void goOfflineLater(Duration every) {
        context.world().after(World.between(Duration.ZERO, every.multipliedBy(2), random), () -> {
            if (!stopping) {
                Duration outage = World.between(Duration.ZERO, LONGEST_OUTAGE, random);
                context.world().trace().fault(name, "is offline for " + outage);
                link.goOffline(outage);
                context.world().after(outage, () -> goOfflineLater(every));
            }
        });
    }

    private Duration interval() {
        return World.between(Duration.ZERO, settings.interval().multipliedBy(2), random);
    }

    private void produce() {
        if (stopping || partition.topic().isDeleting()) {
            return;
        }
        if (unsent.size() < MOST_QUEUED) {
            unsent.add(context.world().nowNanos());
            pump();
        }
        context.world().after(interval(), this::produce);
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public Optional<String> unfinished() {
        boolean idle = incomplete.isEmpty() && unsent.isEmpty();
        return idle || partition.topic().isDeleting()
                ? Optional.empty()
                : Optional.of(name + " waits for " + incomplete.size() + " batches of " + partition.id()
                        + (incomplete.isEmpty() ? "" : ", first " + incomplete.getFirst().label));
    }

    /** Sends what may be sent. */
    private void pump() {
        if (partition.topic().isDeleting()) {
            return;
        }
        expire();
        while (inFlight() < settings.maxInFlight() && sendNext()) {
            // one after the other
        }
    }

    private int inFlight() {
        int sending = 0;
        for (Outgoing batch : incomplete) {
            sending += batch.sending ? 1 : 0;
        }
        return sending;
    }

    /** Retries first, in their order; under idempotence only the oldest batch of all, and nothing new beside a waiting retry. */
    private boolean sendNext() {
        if (!link.isUp()) {
            wakeIn(settings.retryBackoff());
            return false;
        }
        for (int i = 0; i < incomplete.size(); i++) {
            Outgoing batch = incomplete.get(i);
            if (batch.sending) {
                continue;
            }
            long wait = batch.notBeforeNanos - context.world().nowNanos();
            if ((settings.idempotent() && i > 0) || wait > 0) {
                wakeIn(Duration.ofNanos(Math.max(wait, 1_000_000)));
                return false;
            }
            send(batch);
            return true;
        }
        if (unsent.isEmpty()) {
            return false;
        }
        Outgoing batch = next(unsent.remove());
        incomplete.add(batch);
        context.referee().see(new Observation.Sent(partition, batch.label));
        send(batch);
        return true;
    }

    private Outgoing next(long createdNanos) {
        int count = 1 + random.nextInt(settings.maxRecords());
        long nowMs = context.world().time().wallClockMs();
        var encoder = RecordBatchEncoder.at(0);
        if (settings.idempotent()) {
            encoder.producer(producerId, epoch, nextSequence);
            nextSequence = Sequences.add(nextSequence, count);
        }
        long maxTimestampMs = 0;
        for (int i = 0; i < count; i++) {
            long timestampMs = nowMs - random.nextInt(50);
            maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
            var label = new RecordLabel(partition.id(), number, nextRecord + i);
            encoder.add(timestampMs, null, label.value(random.nextInt(settings.maxValueBytes())));
        }
        ByteBuffer bytes = encoder.encode();
        var label = new SentBatch(
                partition.id(),
                number,
                nextRecord,
                count,
                settings.idempotent(),
                settings.ordered(),
                maxTimestampMs,
                bytes.remaining());
        nextRecord += count;
        return new Outgoing(label, bytes, createdNanos);
    }

    private void send(Outgoing batch) {
        batch.sending = true;
        int attempt = ++batch.attempt;
        if (attempt > 1) {
            context.referee().see(new Observation.SentAgain(partition, batch.label));
        }
        context.trace(name, "sends " + batch.label + " to " + partition.id() + (attempt > 1 ? " again" : ""));
        ByteBuffer received = received(batch.bytes);
        Known known = link.known(partition);
        long timeoutNanos = settings.requestTimeout().toNanos();
        var acknowledge = settings.durable() ? Acknowledge.DURABLE : Acknowledge.ASSIGNED;
        link.ask(
                log -> log.append(new AppendRequest(
                        partition.id(),
                        received,
                        acknowledge,
                        context.world().nowNanos() + timeoutNanos,
                        OptionalInt.empty())),
                (result, failure) -> {
                    if (result != null) {
                        answered(batch, known, result);
                    } else if (failure != null && attempt == batch.attempt) {
                        failed(batch, failure);
                    }
                });
        context.world().after(settings.requestTimeout(), () -> {
            if (batch.sending && attempt == batch.attempt && !batch.over) {
                context.trace(name, "gives up waiting for " + batch.label);
                link.hangUp();
            }
        });
    }

    /** The batch as it arrives: in a buffer of its own, or in one that other partitions' batches share. */
    private ByteBuffer received(ByteBuffer bytes) {
        int size = bytes.remaining();
        int before = random.nextInt(3) * size;
        int after = random.nextInt(3) * size / 2;
        return ByteBuffer.allocate(before + size + after)
                .put(before, bytes, 0, size)
                .position(before)
                .limit(before + size);
    }

    private void answered(Outgoing batch, Known known, AppendResult result) {
        context.trace(name, "has " + batch.label + " at " + result.baseOffset());
        if (settings.durable()) {
            context.referee().see(new Observation.Acknowledged(known, batch.label, result));
        }
        over(batch);
        pump();
    }

    private void over(Outgoing batch) {
        batch.sending = false;
        batch.over = true;
        incomplete.remove(batch);
    }

    private void failed(Outgoing batch, Throwable failure) {
        if (batch.over) {
            return;
        }
        batch.sending = false;
        batch.notBeforeNanos =
                context.world().nowNanos() + settings.retryBackoff().toNanos();
        if (failure instanceof LogException refusal) {
            refused(batch, refusal);
        }
        pump();
    }

    private void refused(Outgoing batch, LogException refusal) {
        context.trace(name, "fails with " + batch.label + ": " + refusal.kind());
        switch (refusal.kind()) {
            case NOT_LEADER, CLOSED, STORAGE_UNAVAILABLE, TIMED_OUT, UNKNOWN_PARTITION -> {
                if (refusal.kind() != Kind.TIMED_OUT && random.nextInt(3) == 0) {
                    link.hangUp();
                }
            }
            case OUT_OF_ORDER_SEQUENCE -> {
                if (incomplete.getFirst() == batch) {
                    context.referee().see(new Observation.Refused(partition, batch.label, refusal));
                    giveUp(); // as clients do that do not send under another epoch what may be there already
                }
            }
            default -> context.referee().see(new Observation.Refused(partition, batch.label, refusal));
        }
    }

    /** Gives up what has waited too long, and all behind it; nobody knows what became of it. When nothing fails, nothing has to. */
    private void expire() {
        if (stopping) {
            return;
        }
        long now = context.world().nowNanos();
        long timeoutNanos = settings.deliveryTimeout().toNanos();
        unsent.removeIf(createdNanos -> now - createdNanos > timeoutNanos);
        boolean late = incomplete.stream().anyMatch(batch -> now - batch.createdNanos > timeoutNanos);
        if (late) {
            giveUp();
            if (!settings.idempotent()) {
                // What was given up may still arrive: the order of what comes now has nothing to do with it.
                stopping = true;
                unsent.clear();
            }
        }
    }

    private void giveUp() {
        context.trace(name, "gives up " + incomplete.size() + " batches");
        List.copyOf(incomplete).forEach(this::over);
        epoch++;
        nextSequence = 0;
    }

    private void wakeIn(Duration wait) {
        if (wake.isEmpty()) {
            wake = Optional.of(context.world().after(wait, () -> {
                wake = Optional.empty();
                pump();
            }));
        }
    }
}
