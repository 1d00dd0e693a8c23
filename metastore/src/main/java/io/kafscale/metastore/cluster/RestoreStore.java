package io.kafscale.metastore.cluster;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes the metadata of a namespace anew, from what a bucket tells, while no broker works on it. Every transaction holds the cluster
 * record still, which is written last: until then no broker starts on it. Whatever was written may be written again. Thread-safe;
 * futures complete on the loop of the access and fail with {@link MetadataException}.
 */
public final class RestoreStore {
    /** Records of one transaction; leaves room for the guard. */
    private static final int BATCH = 100;

    private static final long BATCH_BYTES = 1 << 20;

    private final MetadataAccess access;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final OnLoop onLoop;

    /** A key and what it shall hold, null for nothing. */
    private record Wanted(String key, @Nullable Bytes value, boolean counter) {}

    /** The namespace of the access. */
    public RestoreStore(MetadataAccess access) {
        this.access = access;
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /**
     * Writes records that are not there yet.
     *
     * @param cluster the cluster record as it was when the restoration began, if there was one
     * @return how many were written; fails, with only some of them written, if somebody else writes at the same time
     */
    public CompletableFuture<Integer> write(List<RestoredRecord> records, Optional<Versioned<ClusterRecord>> cluster) {
        return onLoop.run(() -> writeFrom(records, 0, 0, cluster));
    }

    private CompletableFuture<Integer> writeFrom(
            List<RestoredRecord> records, int first, int written, Optional<Versioned<ClusterRecord>> cluster) {
        if (first >= records.size()) {
            return CompletableFuture.completedFuture(written);
        }
        var batch = new ArrayList<Wanted>();
        long bytes = 0;
        int end = first;
        while (end < records.size() && batch.size() < BATCH && bytes < BATCH_BYTES) {
            Wanted wanted = wanted(records.get(end++));
            batch.add(wanted);
            bytes += wanted.key().length()
                    + (wanted.value() == null ? 0 : wanted.value().size());
        }
        int next = end;
        var reads =
                batch.stream().map(wanted -> access.store().get(wanted.key())).toList();
        return onLoop.hop(CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)))
                .thenCompose(_ -> {
                    List<Optional<KeyValue>> now =
                            reads.stream().map(CompletableFuture::join).toList();
                    return commit(batch, now, cluster);
                })
                .thenCompose(count -> writeFrom(records, next, written + count, cluster));
    }

    private CompletableFuture<Integer> commit(
            List<Wanted> batch, List<Optional<KeyValue>> now, Optional<Versioned<ClusterRecord>> cluster) {
        var transaction = Transaction.builder()
                .require(keys.cluster(), cluster.map(Versioned::modRevision).orElse(0L));
        int changes = 0;
        for (int i = 0; i < batch.size(); i++) {
            if (differs(batch.get(i), now.get(i))) {
                changes++;
                add(transaction, batch.get(i), now.get(i));
            }
        }
        if (changes == 0) {
            return CompletableFuture.completedFuture(0);
        }
        int count = changes;
        return commits.commit(transaction.build()).thenApply(answer -> {
            if (!answer.committed()) {
                throw overtaken();
            }
            return count;
        });
    }

    private static void add(Transaction.Builder transaction, Wanted wanted, Optional<KeyValue> now) {
        transaction.require(wanted.key(), now.map(KeyValue::modRevision).orElse(0L));
        if (wanted.value() == null) {
            transaction.delete(wanted.key());
        } else {
            transaction.put(wanted.key(), wanted.value());
        }
    }

    private static boolean differs(Wanted wanted, Optional<KeyValue> now) {
        if (wanted.value() == null || now.isEmpty()) {
            return wanted.value() != null || now.isPresent();
        }
        if (!wanted.counter()) {
            return !wanted.value().equals(now.get().value());
        }
        try {
            return RecordJson.counter(new KeyValue(wanted.key(), wanted.value(), 0, 0, 0))
                    > RecordJson.counter(now.get());
        } catch (MetadataException unreadable) {
            return true;
        }
    }

    private Wanted wanted(RestoredRecord record) {
        return switch (record) {
            case RestoredRecord.Topic(TopicRecord topic) -> put(keys.topic(topic.name()), RecordJson.encode(topic));
            case RestoredRecord.NoTopic(String name) -> new Wanted(keys.topic(name), null, false);
            case RestoredRecord.Tombstone(TopicTombstone topic) ->
                put(keys.deletedTopic(topic.id()), RecordJson.encode(topic));
            case RestoredRecord.Generation(String name, long last) ->
                new Wanted(keys.topicGeneration(name), RecordJson.encodeCounter(last, access.nonce()), true);
            case RestoredRecord.Claim(String name) ->
                put(keys.topicNameClaim(TopicNames.collapsed(name)), RecordJson.encodeClaim(name));
            case RestoredRecord.NoClaim(String collapsed) -> new Wanted(keys.topicNameClaim(collapsed), null, false);
            case RestoredRecord.Partition(PartitionRecord partition) ->
                put(keys.partition(partition.id()), RecordJson.encode(partition));
            case RestoredRecord.Stream(StreamRecord stream) ->
                put(keys.stream(stream.incarnation()), RecordJson.encode(stream));
        };
    }

    private static Wanted put(String key, Bytes value) {
        return new Wanted(key, value, false);
    }

    /** The last step: from here on brokers may start. */
    public CompletableFuture<Void> finish(ClusterRecord restored, Optional<Versioned<ClusterRecord>> cluster) {
        return onLoop.run(() -> commits.commit(Transaction.builder()
                        .require(
                                keys.cluster(),
                                cluster.map(Versioned::modRevision).orElse(0L))
                        .put(keys.cluster(), RecordJson.encode(restored))
                        .build())
                .thenAccept(answer -> {
                    if (!answer.committed()) {
                        throw overtaken();
                    }
                }));
    }

    private static MetadataException overtaken() {
        return new MetadataException(
                Kind.UNAVAILABLE,
                "somebody else writes to the metadata while it is rebuilt: stop every broker and begin again");
    }
}
