package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers brokers, each under a lease of its own: a broker is alive while its registration is there. Whoever registers opens the
 * stream of its incarnation in the same transaction, or finds that it must not come back. On the loop of the access.
 */
final class Registrations {
    private static final Logger LOG = LoggerFactory.getLogger(Registrations.class);

    private final MetadataStore store;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final Rounds rounds;
    private final OnLoop onLoop;
    private final ForgottenStreams forgotten;

    Registrations(MetadataAccess access, ForgottenStreams forgotten) {
        this.store = access.store();
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.rounds = new Rounds(access);
        this.onLoop = new OnLoop(access.loop());
        this.forgotten = forgotten;
    }

    /** What there is of a broker and of the stream of one of its incarnations. */
    private record Read(Optional<KeyValue> broker, Optional<KeyValue> stream) {
        static long revisionOf(Optional<KeyValue> stored) {
            return stored.map(KeyValue::modRevision).orElse(0L);
        }
    }

    /** See {@link BrokerRegistry#register}. */
    CompletableFuture<RegisterResult> register(BrokerRegistration registration, Duration timeToLive) {
        return onLoop.run(() -> onLoop.hop(store.grantLease(timeToLive)).thenCompose(lease -> {
            CompletableFuture<RegisterResult> registered = rounds.run(
                    "registering broker " + registration.incarnation(), () -> registerOnce(registration, lease));
            return registered.whenComplete((result, failure) -> {
                if (!(result instanceof RegisterResult.Registered)) {
                    endUnused(lease);
                }
            });
        }));
    }

    /** Whether a registration is there as it was made: nobody has removed it, and its lease has not run out. */
    CompletableFuture<Boolean> isThere(RegisterResult.Registered registered) {
        Guard guard = guard(registered);
        return onLoop.run(() -> get(guard.key())
                .thenApply(stored -> stored.filter(found -> found.modRevision() == guard.modRevision())
                        .isPresent()));
    }

    /** The guard that a registered broker puts on its other writes: it is registered as this incarnation. */
    Guard guard(RegisterResult.Registered registered) {
        return new Guard(
                keys.broker(registered.registration().value().incarnation().brokerId()),
                registered.registration().modRevision());
    }

    private CompletableFuture<Optional<RegisterResult>> registerOnce(BrokerRegistration registration, Lease lease) {
        BrokerIncarnation incarnation = registration.incarnation();
        return get(keys.broker(incarnation.brokerId()))
                .thenCombine(get(keys.stream(incarnation)), Read::new)
                .thenCombine(forgotten.mark(), (read, mark) -> registerAs(registration, lease, read, mark))
                .thenCompose(registered -> registered);
    }

    private CompletableFuture<Optional<RegisterResult>> registerAs(
            BrokerRegistration registration, Lease lease, Read read, ForgottenStreams.Mark mark) {
        BrokerIncarnation incarnation = registration.incarnation();
        Optional<BrokerRegistration> other = read.broker()
                .map(stored -> RecordJson.broker(incarnation.brokerId(), stored))
                .filter(known -> !known.incarnation().equals(incarnation));
        if (other.isPresent()) {
            return refused(new RegisterResult.HeldByOther(
                    other.get(), read.broker().get().modRevision()));
        }
        StreamRecord stream = read.stream()
                .map(stored -> RecordJson.stream(incarnation, stored))
                .orElseGet(() -> StreamRecord.open(incarnation));
        if (stream.state() != StreamRecord.State.OPEN) {
            return refused(new RegisterResult.StreamNotOpen(stream));
        }
        if (read.stream().isEmpty() && mark.covers(incarnation)) {
            return refused(new RegisterResult.StreamForgotten());
        }
        return commits.commit(transaction(registration, stream, lease, read, mark))
                .thenApply(answer -> {
                    if (!(answer instanceof CommitResult.Committed(long revision))) {
                        return Optional.empty();
                    }
                    long streamRevision =
                            read.stream().map(KeyValue::modRevision).orElse(revision);
                    return Optional.of(new RegisterResult.Registered(
                            new Versioned<>(registration, revision), new Versioned<>(stream, streamRevision), lease));
                });
    }

    private Transaction transaction(
            BrokerRegistration registration, StreamRecord stream, Lease lease, Read read, ForgottenStreams.Mark mark) {
        String brokerKey = keys.broker(registration.incarnation().brokerId());
        String streamKey = keys.stream(registration.incarnation());
        var transaction = Transaction.builder()
                .require(brokerKey, Read.revisionOf(read.broker()))
                .put(brokerKey, RecordJson.encode(registration), lease.id())
                .require(streamKey, Read.revisionOf(read.stream()));
        if (read.stream().isEmpty()) {
            // A request of long ago must not open a stream that has been forgotten since.
            transaction.require(keys.forgottenStreams(), mark.modRevision()).put(streamKey, RecordJson.encode(stream));
        }
        return transaction.build();
    }

    private static CompletableFuture<Optional<RegisterResult>> refused(RegisterResult why) {
        return CompletableFuture.completedFuture(Optional.of(why));
    }

    private CompletableFuture<Optional<KeyValue>> get(String key) {
        return onLoop.hop(store.get(key));
    }

    /** A lease that carries nothing, or that carries a registration its broker was not told of, must not live on. */
    static void endUnused(Lease lease) {
        lease.revoke().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("Cannot end the unused lease {}, it lives on until the store is closed", lease.id(), failure);
            }
        });
    }
}
