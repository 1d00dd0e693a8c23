package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Creates, changes and deletes topics. Thread-safe; futures complete on the loop of the access and fail with
 * {@link MetadataException} (and with whatever a caller's own function threw). A failure of kind {@link Kind#OUTCOME_UNKNOWN} means
 * that the request may have been carried out: asking again shows.
 */
public final class TopicStore {
    /** The most partitions of one topic. */
    public static final int MAX_PARTITIONS = 100_000;

    /** The most bytes of names and values of one topic's configs. */
    public static final int MAX_CONFIG_BYTES = 100_000;

    private static final int PURGE_BATCH = 100;

    private final MetadataAccess access;
    private final MetadataStore store;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final Rounds rounds;
    private final OnLoop onLoop;

    /** Topics of the access' namespace. */
    public TopicStore(MetadataAccess access) {
        this.access = access;
        this.store = access.store();
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.rounds = new Rounds(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /** Creates a topic under a new id and in a directory that no topic had before. */
    public CompletableFuture<CreateTopicResult> create(NewTopic topic) {
        return refusal(topic)
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> rounds.run("creating topic '" + topic.name() + "'", () -> createOnce(topic, false)));
    }

    /** What {@link #create} would answer now, without creating; {@code Created} then has revision 0 and an id nobody will see. */
    public CompletableFuture<CreateTopicResult> validate(NewTopic topic) {
        return refusal(topic)
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> rounds.run("validating topic '" + topic.name() + "'", () -> createOnce(topic, true)));
    }

    /** Deletes the topic of this name if it still has this id, leaving its tombstone; partition records remain until purged. */
    public CompletableFuture<DeleteTopicResult> delete(String name, UUID id) {
        return rounds.run("deleting topic '" + name + "'", () -> deleteOnce(name, id));
    }

    /** Raises the number of partitions to {@code total}. */
    public CompletableFuture<AlterTopicResult> addPartitions(String name, int total) {
        return rounds.run(
                "adding partitions to topic '" + name + "'",
                () -> alterOnce(name, topic -> {
                    if (total <= topic.partitions()) {
                        return new Decision.Refuse("The topic " + name + " currently has " + topic.partitions()
                                + " partition(s); " + total + " would not be an increase.");
                    }
                    return total > MAX_PARTITIONS
                            ? new Decision.Refuse(tooManyPartitions(total))
                            : new Decision.Write(topic.withPartitions(total));
                }));
    }

    /**
     * Replaces a topic's configs.
     *
     * @param change computes them from what the topic has; called on the loop, again if somebody else was faster. What it throws
     *     fails the future
     */
    public CompletableFuture<AlterTopicResult> alterConfigs(
            String name, Function<TopicRecord, Map<String, String>> change) {
        return rounds.run(
                "changing the configs of topic '" + name + "'",
                () -> alterOnce(name, topic -> {
                    Map<String, String> configs = change.apply(topic);
                    return bytesOf(configs) > MAX_CONFIG_BYTES
                            ? new Decision.Refuse(configsTooLarge(name))
                            : new Decision.Write(topic.withConfigs(configs));
                }));
    }

    /** Removes the partition records and pins of a deleted topic, a batch at a time; completes when none is left. */
    public CompletableFuture<Void> purgePartitions(TopicTombstone topic) {
        return rounds.run("purging pins of deleted topic " + topic.id(), () -> purgeOnce(keys.pinsOf(topic.id())))
                .thenCompose(_ -> rounds.run(
                        "purging partitions of deleted topic " + topic.id(),
                        () -> purgeOnce(keys.partitionsOf(topic.id()))))
                .thenAccept(done -> {});
    }

    /** Removes a tombstone: nothing of the topic is left anywhere. Completes also if it was gone. */
    public CompletableFuture<Void> removeTombstone(UUID topicId) {
        String key = keys.deletedTopic(topicId);
        return rounds.run(
                        "removing the tombstone of topic " + topicId,
                        () -> get(key).thenCompose(stored -> stored.isEmpty()
                                ? CompletableFuture.completedFuture(Optional.of(true))
                                : deleteAll(List.of(stored.get()))))
                .thenAccept(done -> {});
    }

    private CompletableFuture<Optional<CreateTopicResult>> createOnce(NewTopic topic, boolean validateOnly) {
        String name = topic.name();
        CompletableFuture<Optional<KeyValue>> existing = get(keys.topic(name));
        CompletableFuture<Optional<KeyValue>> generation = get(keys.topicGeneration(name));
        CompletableFuture<Optional<KeyValue>> claim = TopicNames.canCollide(name)
                ? get(keys.topicNameClaim(TopicNames.collapsed(name)))
                : CompletableFuture.completedFuture(Optional.empty());
        CompletableFuture<Optional<KeyValue>> cluster = get(keys.cluster());
        return onLoop.hop(CompletableFuture.allOf(existing, generation, claim, cluster))
                .thenCompose(all -> {
                    if (existing.join().isPresent()) {
                        KeyValue stored = existing.join().get();
                        return done(new CreateTopicResult.AlreadyExists(
                                RecordJson.topic(name, stored), stored.modRevision()));
                    }
                    if (claim.join().isPresent()) {
                        String holder = RecordJson.claim(claim.join().get());
                        // A claim of our own name: the topic was created between the two reads, look again.
                        return holder.equals(name)
                                ? again()
                                : done(new CreateTopicResult.InvalidTopic(
                                        "Topic '" + name + "' collides with existing topics: " + holder));
                    }
                    long number = generationAfter(generation.join(), cluster.join());
                    TopicRecord record = newRecord(topic, number);
                    return validateOnly
                            ? done(new CreateTopicResult.Created(record, 0))
                            : write(record, number, revisionOf(generation.join()));
                });
    }

    private static long generationAfter(Optional<KeyValue> generation, Optional<KeyValue> cluster) {
        long before = cluster.map(identity -> RecordJson.cluster(identity).topicGenerationsFrom())
                .orElse(0L);
        return Math.max(before, generation.map(RecordJson::counter).orElse(0L)) + 1;
    }

    /** Creates a topic whose name and claim were absent a moment ago. */
    private CompletableFuture<Optional<CreateTopicResult>> write(
            TopicRecord record, long generation, long generationRevision) {
        String topicKey = keys.topic(record.name());
        String generationKey = keys.topicGeneration(record.name());
        var transaction = Transaction.builder()
                .requireAbsent(topicKey)
                .put(topicKey, RecordJson.encode(record))
                .require(generationKey, generationRevision)
                .put(
                        generationKey,
                        RecordJson.encodeCounter(generation, record.id().toString()));
        if (TopicNames.canCollide(record.name())) {
            String claimKey = keys.topicNameClaim(TopicNames.collapsed(record.name()));
            transaction.requireAbsent(claimKey).put(claimKey, RecordJson.encodeClaim(record.name()));
        }
        return commits.commit(transaction.build())
                .thenApply(
                        answer -> committedAt(answer).map(revision -> new CreateTopicResult.Created(record, revision)));
    }

    private CompletableFuture<Optional<DeleteTopicResult>> deleteOnce(String name, UUID id) {
        String claimKey = keys.topicNameClaim(TopicNames.collapsed(name));
        CompletableFuture<Optional<KeyValue>> existing = get(keys.topic(name));
        CompletableFuture<Optional<KeyValue>> claim =
                TopicNames.canCollide(name) ? get(claimKey) : CompletableFuture.completedFuture(Optional.empty());
        return onLoop.hop(existing.thenCombine(claim, Map::entry)).thenCompose(read -> {
            Optional<TopicRecord> topic = read.getKey().map(stored -> RecordJson.topic(name, stored));
            if (topic.isEmpty() || !topic.get().id().equals(id)) {
                return done(new DeleteTopicResult.NotFound());
            }
            TopicTombstone tombstone = topic.get().deleted(access.loop().time().wallClockMs());
            var transaction = Transaction.builder()
                    .requireUnchanged(read.getKey().get())
                    .delete(keys.topic(name))
                    .requireAbsent(keys.deletedTopic(id))
                    .put(keys.deletedTopic(id), RecordJson.encode(tombstone));
            read.getValue()
                    .filter(stored -> RecordJson.claim(stored).equals(name))
                    .ifPresent(stored -> transaction.requireUnchanged(stored).delete(claimKey));
            return commits.commit(transaction.build())
                    .thenApply(answer ->
                            committedAt(answer).map(revision -> new DeleteTopicResult.Deleted(tombstone, revision)));
        });
    }

    private CompletableFuture<Optional<AlterTopicResult>> alterOnce(
            String name, Function<TopicRecord, Decision> decide) {
        return onLoop.hop(get(keys.topic(name))).thenCompose(stored -> {
            if (stored.isEmpty()) {
                return done(new AlterTopicResult.NotFound());
            }
            TopicRecord topic = RecordJson.topic(name, stored.get());
            return switch (decide.apply(topic)) {
                case Decision.Refuse refuse -> done(new AlterTopicResult.Rejected(refuse.reason()));
                case Decision.Write write
                when write.next().equals(topic) ->
                    done(new AlterTopicResult.Altered(topic, stored.get().modRevision()));
                case Decision.Write write ->
                    commits.commit(Transaction.builder()
                                    .requireUnchanged(stored.get())
                                    .put(keys.topic(name), RecordJson.encode(write.next()))
                                    .build())
                            .thenApply(answer -> committedAt(answer)
                                    .map(revision -> new AlterTopicResult.Altered(write.next(), revision)));
            };
        });
    }

    private CompletableFuture<Optional<Boolean>> purgeOnce(String prefix) {
        return onLoop.hop(store.range(prefix)).thenCompose(listing -> purgeFrom(listing.keys()));
    }

    private CompletableFuture<Optional<Boolean>> purgeFrom(List<KeyValue> left) {
        if (left.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.of(true));
        }
        int size = Math.min(PURGE_BATCH, left.size());
        return deleteAll(left.subList(0, size))
                .thenCompose(deleted -> deleted.isEmpty()
                        ? CompletableFuture.completedFuture(deleted)
                        : purgeFrom(left.subList(size, left.size())));
    }

    private CompletableFuture<Optional<Boolean>> deleteAll(List<KeyValue> stored) {
        var transaction = Transaction.builder();
        stored.forEach(key -> transaction.requireUnchanged(key).delete(key.key()));
        return commits.commit(transaction.build())
                .thenApply(answer -> answer.committed() ? Optional.of(true) : Optional.empty());
    }

    private CompletableFuture<Optional<KeyValue>> get(String key) {
        return onLoop.hop(store.get(key));
    }

    private TopicRecord newRecord(NewTopic topic, long number) {
        return new TopicRecord(
                newTopicId(),
                topic.name(),
                TopicRecord.directoryOf(topic.name(), number),
                topic.partitions(),
                topic.configs(),
                access.loop().time().wallClockMs(),
                number,
                TopicRecord.timestampLeadMs(topic.configs()));
    }

    /** A random (version 4) id whose base 64 form does not begin with '-', so that it can be an argument of Kafka's tools. */
    private UUID newTopicId() {
        long high;
        do {
            high = (access.random().nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
        } while (high >>> 58 == 62);
        long low = (access.random().nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    private static Optional<CreateTopicResult> refusal(NewTopic topic) {
        Optional<String> problem = TopicNames.problem(topic.name());
        if (problem.isPresent()) {
            return Optional.of(new CreateTopicResult.InvalidTopic(problem.get()));
        }
        if (topic.partitions() <= 0) {
            return Optional.of(new CreateTopicResult.InvalidPartitions(
                    "Number of partitions was set to an invalid non-positive value."));
        }
        if (topic.partitions() > MAX_PARTITIONS) {
            return Optional.of(new CreateTopicResult.InvalidPartitions(tooManyPartitions(topic.partitions())));
        }
        return bytesOf(topic.configs()) > MAX_CONFIG_BYTES
                ? Optional.of(new CreateTopicResult.InvalidConfigs(configsTooLarge(topic.name())))
                : Optional.empty();
    }

    private static String tooManyPartitions(int total) {
        return "A topic has at most " + MAX_PARTITIONS + " partitions, not " + total + ".";
    }

    private static String configsTooLarge(String name) {
        return "The configs of topic " + name + " are larger than " + MAX_CONFIG_BYTES + " bytes.";
    }

    private static long bytesOf(Map<String, String> configs) {
        long bytes = 0;
        for (var config : configs.entrySet()) {
            bytes += config.getKey().getBytes(StandardCharsets.UTF_8).length;
            bytes += config.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes;
    }

    private static long revisionOf(Optional<KeyValue> stored) {
        return stored.map(KeyValue::modRevision).orElse(0L);
    }

    private static Optional<Long> committedAt(CommitResult answer) {
        return answer instanceof CommitResult.Committed committed
                ? Optional.of(committed.revision())
                : Optional.empty();
    }

    private static <T> CompletableFuture<Optional<T>> done(T result) {
        return CompletableFuture.completedFuture(Optional.of(result));
    }

    private static <T> CompletableFuture<Optional<T>> again() {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** What a change of a topic comes to. */
    private sealed interface Decision {
        record Write(TopicRecord next) implements Decision {}

        record Refuse(String reason) implements Decision {}
    }
}
