package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Broker incarnations, who of them is alive, and how far their WAL streams have come. Thread-safe; futures complete on the loop of
 * the access and fail with {@link MetadataException} only.
 */
public final class BrokerRegistry {
    /** How many records of streams are removed at once, so that it is one transaction. */
    public static final int MOST_FORGOTTEN = 100;

    private final MetadataStore store;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final Rounds rounds;
    private final OnLoop onLoop;
    private final Counter epochs;
    private final Evictions evictions;
    private final ForgottenStreams forgotten;
    private final Registrations registrations;

    /** Brokers of the access' namespace. */
    public BrokerRegistry(MetadataAccess access) {
        this.store = access.store();
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.rounds = new Rounds(access);
        this.onLoop = new OnLoop(access.loop());
        this.epochs = new Counter(access, keys.brokerEpochCounter());
        this.evictions = new Evictions(access);
        this.forgotten = new ForgottenStreams(access);
        this.registrations = new Registrations(access, forgotten);
    }

    /** A new incarnation of a broker, with an epoch no broker ever had. The cluster record must exist. */
    public CompletableFuture<BrokerIncarnation> nextIncarnation(int brokerId) {
        return OnLoop.map(epochs.take(1), epoch -> new BrokerIncarnation(brokerId, epoch));
    }

    /**
     * Registers a broker under a new lease and opens its stream if it has none. For its first registration and, after its lease was
     * lost, for coming back as the same incarnation, which is refused once its stream is not open.
     */
    public CompletableFuture<RegisterResult> register(BrokerRegistration registration, Duration timeToLive) {
        return registrations.register(registration, timeToLive);
    }

    /** Whether a registration is there as it was made: nobody has removed it, and its lease has not run out. */
    public CompletableFuture<Boolean> isThere(RegisterResult.Registered registered) {
        return registrations.isThere(registered);
    }

    /**
     * Removes a registration before its lease has ended, in one transaction, if it and all the evidence are unchanged and nobody did
     * the same to this broker id within {@link EvictResult#PAUSE}. The evicted broker may come back as the same incarnation until
     * somebody {@linkplain #markClosing closes} its stream.
     *
     * @param registered the registration, as it was when it was judged
     * @param evidence what else must be unchanged; empty if the caller knows for itself that the broker is gone
     * @param by who evicts
     */
    public CompletableFuture<EvictResult> evict(
            Versioned<BrokerRegistration> registered, List<Guard> evidence, BrokerIncarnation by) {
        return evictions.evict(registered, evidence, by);
    }

    /** A broker of this id may have to be {@linkplain #evict evicted} soon, which then takes one round trip less. On the loop. */
    void prepareEviction(int brokerId) {
        evictions.prepare(brokerId);
    }

    /** It need not be, or has been. On the loop. */
    void cancelEviction(int brokerId) {
        evictions.cancel(brokerId);
    }

    /** Says that a stream's broker is dead, if its registration is gone; from then on that incarnation cannot register again. */
    public CompletableFuture<StreamChangeResult> markClosing(BrokerIncarnation incarnation) {
        return rounds.run("closing stream " + incarnation, () -> closeOnce(incarnation));
    }

    /**
     * The same, going by an image: one transaction, or none where the image shows that somebody was faster, instead of reading first.
     * What the image shows need not be so any more.
     */
    public CompletableFuture<StreamChangeResult> markClosing(BrokerIncarnation incarnation, ClusterImage image) {
        Versioned<StreamRecord> stream = image.streams().get(incarnation);
        if (stream == null || image.isRegistered(incarnation)) {
            return markClosing(incarnation);
        }
        return switch (stream.value().state()) {
            case OPEN -> closeAtOnce(stream, image.brokers().get(incarnation.brokerId()));
            case CLOSING -> CompletableFuture.completedFuture(new StreamChangeResult.Changed(stream));
            case SEALED, COLLECTED -> markClosing(incarnation);
        };
    }

    private CompletableFuture<StreamChangeResult> closeAtOnce(
            Versioned<StreamRecord> stream, @Nullable Versioned<BrokerRegistration> successor) {
        BrokerIncarnation incarnation = stream.value().incarnation();
        StreamRecord closing = stream.value().closing();
        String brokerKey = keys.broker(incarnation.brokerId());
        String streamKey = keys.stream(incarnation);
        var transaction = Transaction.builder()
                .require(brokerKey, successor == null ? 0 : successor.modRevision())
                .require(streamKey, stream.modRevision())
                .put(streamKey, RecordJson.encode(closing))
                .build();
        return atOnce(
                transaction,
                closing,
                current -> close(incarnation, new Read(at(current, brokerKey), at(current, streamKey))),
                () -> markClosing(incarnation));
    }

    /** Writes {@code next} without reading first; where that conflicts, one round from what is there, and then all of them. */
    private CompletableFuture<StreamChangeResult> atOnce(
            Transaction transaction,
            StreamRecord next,
            Function<Map<String, Optional<KeyValue>>, CompletableFuture<Optional<StreamChangeResult>>> round,
            Supplier<CompletableFuture<StreamChangeResult>> rest) {
        return onLoop.run(() -> commits.commit(transaction).thenCompose(answer -> switch (answer) {
            case CommitResult.Committed(long revision) ->
                CompletableFuture.completedFuture(new StreamChangeResult.Changed(new Versioned<>(next, revision)));
            case CommitResult.Conflict(var current) ->
                round.apply(current)
                        .thenCompose(result ->
                                result.isPresent() ? CompletableFuture.completedFuture(result.get()) : rest.get());
        }));
    }

    private static Optional<KeyValue> at(Map<String, Optional<KeyValue>> current, String key) {
        return current.getOrDefault(key, Optional.empty());
    }

    /** Says that a stream has a verified seal at {@code sequence}. */
    public CompletableFuture<StreamChangeResult> markSealed(BrokerIncarnation incarnation, long sequence) {
        return rounds.run(
                "sealing stream " + incarnation, () -> moveOnce(incarnation, stream -> stream.sealed(sequence)));
    }

    /** The same for a stream that was closing a moment ago: one transaction, unless somebody else moved it on meanwhile. */
    public CompletableFuture<StreamChangeResult> markSealed(Versioned<StreamRecord> closing, long sequence) {
        BrokerIncarnation incarnation = closing.value().incarnation();
        if (closing.value().state() != StreamRecord.State.CLOSING) {
            return markSealed(incarnation, sequence);
        }
        StreamRecord sealed = closing.value().sealed(sequence);
        String key = keys.stream(incarnation);
        var transaction = Transaction.builder()
                .require(key, closing.modRevision())
                .put(key, RecordJson.encode(sealed))
                .build();
        return atOnce(
                transaction,
                sealed,
                current -> move(incarnation, at(current, key), stream -> stream.sealed(sequence)),
                () -> markSealed(incarnation, sequence));
    }

    /** Says that the objects of a sealed stream, which no tenure names any more, were deleted. */
    public CompletableFuture<StreamChangeResult> markCollected(BrokerIncarnation incarnation) {
        return rounds.run("collecting stream " + incarnation, () -> moveOnce(incarnation, StreamRecord::collected));
    }

    /**
     * Removes the records of streams that were collected: nobody needs them any more, and no incarnation without one whose epoch is
     * not above theirs is ever registered again.
     *
     * @param collected at most {@link #MOST_FORGOTTEN}, as an image shows them
     * @return whether they are gone; false if one of them is not as it was shown, or somebody else removed some at this moment
     */
    public CompletableFuture<Boolean> forget(List<Versioned<StreamRecord>> collected) {
        return onLoop.run(() -> forgotten.forget(collected));
    }

    /** Whether a stream was collected and its record removed. */
    public CompletableFuture<Boolean> isForgotten(BrokerIncarnation incarnation) {
        return onLoop.run(() -> get(keys.stream(incarnation))
                .thenCombine(forgotten.mark(), (stream, mark) -> stream.isEmpty() && mark.covers(incarnation)));
    }

    /** The record of a stream, if its broker ever registered and it was not removed. */
    public CompletableFuture<Optional<Versioned<StreamRecord>>> stream(BrokerIncarnation incarnation) {
        return onLoop.run(() ->
                get(keys.stream(incarnation)).thenApply(stored -> stored.map(key -> decode(incarnation, key))));
    }

    /** The guard that a registered broker puts on its other writes: it is registered as this incarnation. */
    public Guard guard(RegisterResult.Registered registered) {
        return registrations.guard(registered);
    }

    private CompletableFuture<Optional<StreamChangeResult>> closeOnce(BrokerIncarnation incarnation) {
        return get(keys.broker(incarnation.brokerId()))
                .thenCombine(get(keys.stream(incarnation)), Read::new)
                .thenCompose(read -> close(incarnation, read));
    }

    private CompletableFuture<Optional<StreamChangeResult>> close(BrokerIncarnation incarnation, Read read) {
        Optional<BrokerRegistration> alive = read.broker()
                .map(stored -> RecordJson.broker(incarnation.brokerId(), stored))
                .filter(known -> known.incarnation().equals(incarnation));
        if (alive.isPresent()) {
            return done(new StreamChangeResult.StillRegistered(alive.get()));
        }
        if (read.stream().isEmpty()) {
            return missing(incarnation);
        }
        Versioned<StreamRecord> stream = decode(incarnation, read.stream().get());
        if (stream.value().state() != StreamRecord.State.OPEN) {
            return done(new StreamChangeResult.Changed(stream));
        }
        var transaction = Transaction.builder().require(keys.broker(incarnation.brokerId()), revisionOf(read.broker()));
        return write(transaction, read.stream().get(), stream.value().closing());
    }

    private CompletableFuture<Optional<StreamChangeResult>> moveOnce(
            BrokerIncarnation incarnation, UnaryOperator<StreamRecord> move) {
        return get(keys.stream(incarnation)).thenCompose(stored -> move(incarnation, stored, move));
    }

    private CompletableFuture<Optional<StreamChangeResult>> move(
            BrokerIncarnation incarnation, Optional<KeyValue> stored, UnaryOperator<StreamRecord> move) {
        if (stored.isEmpty()) {
            return missing(incarnation);
        }
        Versioned<StreamRecord> stream = decode(incarnation, stored.get());
        StreamRecord next;
        try {
            next = move.apply(stream.value());
        } catch (IllegalStateException illegal) {
            return done(new StreamChangeResult.Illegal(stream.value(), String.valueOf(illegal.getMessage())));
        }
        return next.equals(stream.value())
                ? done(new StreamChangeResult.Changed(stream))
                : write(Transaction.builder(), stored.get(), next);
    }

    private CompletableFuture<Optional<StreamChangeResult>> missing(BrokerIncarnation incarnation) {
        return forgotten
                .mark()
                .thenApply(mark -> Optional.of(
                        mark.covers(incarnation)
                                ? new StreamChangeResult.Forgotten()
                                : new StreamChangeResult.NotFound()));
    }

    private CompletableFuture<Optional<StreamChangeResult>> write(
            Transaction.Builder transaction, KeyValue before, StreamRecord next) {
        transaction.requireUnchanged(before).put(before.key(), RecordJson.encode(next));
        return commits.commit(transaction.build())
                .thenApply(answer -> answer instanceof CommitResult.Committed(long revision)
                        ? Optional.of(new StreamChangeResult.Changed(new Versioned<>(next, revision)))
                        : Optional.empty());
    }

    private CompletableFuture<Optional<KeyValue>> get(String key) {
        return onLoop.hop(store.get(key));
    }

    private static Versioned<StreamRecord> decode(BrokerIncarnation incarnation, KeyValue stored) {
        return new Versioned<>(RecordJson.stream(incarnation, stored), stored.modRevision());
    }

    private static long revisionOf(Optional<KeyValue> stored) {
        return stored.map(KeyValue::modRevision).orElse(0L);
    }

    private static <T> CompletableFuture<Optional<T>> done(T result) {
        return CompletableFuture.completedFuture(Optional.of(result));
    }

    private record Read(Optional<KeyValue> broker, Optional<KeyValue> stream) {}
}
