package io.kafscale.metastore.cluster;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Writes what the {@link LeadershipPlan} goes by beside the registrations: which brokers may be given leadership, and which
 * partitions an operator wants where. Thread-safe; futures complete on the loop of the access and fail with
 * {@link io.kafscale.metastore.MetadataException} only.
 */
public final class PlacementStore {
    private final MetadataAccess access;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final Rounds rounds;
    private final OnLoop onLoop;

    /** Placement of the access' namespace. */
    public PlacementStore(MetadataAccess access) {
        this.access = access;
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.rounds = new Rounds(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /**
     * Says whether a registered incarnation may be given leadership.
     *
     * @return whether it was written; false if this incarnation is not registered (any more)
     */
    public CompletableFuture<Boolean> setAvailability(BrokerIncarnation incarnation, State state) {
        return rounds.run("making broker " + incarnation + " " + state, () -> setOnce(incarnation, _ -> state));
    }

    /**
     * Says that a registered incarnation may be given leadership, unless it is being drained, or an earlier incarnation of its process
     * was: a drain ends by an operator's word or with the process.
     *
     * @param earlier incarnations of the same process
     * @return whether it says so, or that the broker is draining; false if this incarnation is not registered (any more)
     */
    public CompletableFuture<Boolean> serveUnlessDrained(
            BrokerIncarnation incarnation, Collection<BrokerIncarnation> earlier) {
        var process = new HashSet<>(earlier);
        process.add(incarnation);
        return rounds.run(
                "making broker " + incarnation + " ready",
                () -> setOnce(
                        incarnation,
                        known -> known.filter(said -> process.contains(said.incarnation()))
                                .map(BrokerAvailability::state)
                                .orElse(State.SERVING)));
    }

    /**
     * Wants a partition to be led by a broker, alive or not. The topic must exist.
     *
     * @return whether it was written; false if there is no such topic of that id (any more)
     */
    public CompletableFuture<Boolean> pin(TopicRecord topic, int partition, int brokerId) {
        String topicKey = keys.topic(topic.name());
        String pinKey = keys.pin(new PartitionId(topic.id(), partition));
        return rounds.run(
                "pinning " + topic.name() + "-" + partition,
                () -> get(topicKey).thenCombine(get(pinKey), Pair::new).thenCompose(read -> {
                    boolean exists = read.first()
                            .map(stored -> RecordJson.topic(topic.name(), stored))
                            .filter(known -> known.id().equals(topic.id()) && partition < known.partitions())
                            .isPresent();
                    if (!exists) {
                        return CompletableFuture.completedFuture(Optional.of(false));
                    }
                    // Compared with the topic, so that no pin comes behind the deletion that removes the topic's pins.
                    return put(
                            Transaction.builder().requireUnchanged(read.first().get()),
                            pinKey,
                            read.second(),
                            RecordJson.encodePin(brokerId));
                }));
    }

    /** Leaves a partition to the plan again. */
    public CompletableFuture<Void> unpin(PartitionId id) {
        String key = keys.pin(id);
        return rounds.run(
                        "unpinning " + id,
                        () -> get(key).thenCompose(stored -> stored.isEmpty()
                                ? CompletableFuture.completedFuture(Optional.of(true))
                                : committed(Transaction.builder()
                                        .requireUnchanged(stored.get())
                                        .delete(key))))
                .thenAccept(done -> {});
    }

    private CompletableFuture<Optional<Boolean>> setOnce(
            BrokerIncarnation incarnation, Function<Optional<BrokerAvailability>, State> choice) {
        String brokerKey = keys.broker(incarnation.brokerId());
        String key = keys.availability(incarnation.brokerId());
        return get(brokerKey).thenCombine(get(key), Pair::new).thenCompose(read -> {
            boolean registered = read.first()
                    .map(stored -> RecordJson.broker(incarnation.brokerId(), stored))
                    .filter(known -> known.incarnation().equals(incarnation))
                    .isPresent();
            if (!registered) {
                return CompletableFuture.completedFuture(Optional.of(false));
            }
            Optional<BrokerAvailability> known =
                    read.second().map(stored -> RecordJson.availability(incarnation.brokerId(), stored));
            var next = new BrokerAvailability(incarnation, choice.apply(known));
            return put(
                    Transaction.builder().requireUnchanged(read.first().get()),
                    key,
                    read.second(),
                    RecordJson.encode(next));
        });
    }

    private CompletableFuture<Optional<Boolean>> put(
            Transaction.Builder transaction, String key, Optional<KeyValue> before, Bytes value) {
        if (before.isPresent() && before.get().value().equals(value)) {
            return CompletableFuture.completedFuture(Optional.of(true));
        }
        return committed(transaction
                .require(key, before.map(KeyValue::modRevision).orElse(0L))
                .put(key, value));
    }

    private CompletableFuture<Optional<Boolean>> committed(Transaction.Builder transaction) {
        return commits.commit(transaction.build())
                .thenApply(answer -> answer.committed() ? Optional.of(true) : Optional.empty());
    }

    private CompletableFuture<Optional<KeyValue>> get(String key) {
        return onLoop.hop(access.store().get(key));
    }

    private record Pair(Optional<KeyValue> first, Optional<KeyValue> second) {}
}
