package io.kafscale.metastore.cluster;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Gives out numbers once only, above everything given out before and within the range of the current restore generation. The value
 * names who raised it: two writers that raise it from 5 to 6 write different values, so that neither takes the other's success for
 * its own. On the loop of the access.
 */
final class Counter {
    private final MetadataAccess access;
    private final String key;
    private final SettledCommits commits;
    private final Rounds rounds;
    private final OnLoop onLoop;

    Counter(MetadataAccess access, String key) {
        this.access = access;
        this.key = key;
        this.commits = new SettledCommits(access);
        this.rounds = new Rounds(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /** Takes {@code size} numbers and returns the first. */
    CompletableFuture<Long> take(int size) {
        return rounds.run("taking numbers from " + key, () -> takeOnce(size));
    }

    private CompletableFuture<Optional<Long>> takeOnce(int size) {
        String clusterKey = access.keys().cluster();
        CompletableFuture<Optional<KeyValue>> cluster = access.store().get(clusterKey);
        CompletableFuture<Optional<KeyValue>> stored = access.store().get(key);
        return onLoop.hop(cluster.thenCombine(stored, (generation, counter) -> {
                    KeyValue identity = generation.orElseThrow(
                            () -> new MetadataException(Kind.CORRUPT, "there is no cluster record at " + clusterKey));
                    ClusterRecord record = RecordJson.cluster(identity);
                    long last = Math.max(counter.map(RecordJson::counter).orElse(0L), record.numbersFrom());
                    if (last >= record.numbersUntil() - 1 - size) {
                        throw new MetadataException(Kind.CORRUPT, key + " has no numbers left above " + last);
                    }
                    return new Step(identity, counter, last);
                }))
                .thenCompose(step -> commits.commit(Transaction.builder()
                                .requireUnchanged(step.cluster())
                                .require(
                                        key,
                                        step.counter()
                                                .map(KeyValue::modRevision)
                                                .orElse(0L))
                                .put(key, RecordJson.encodeCounter(step.last() + size, access.nonce()))
                                .build())
                        .thenApply(answer -> answer.committed() ? Optional.of(step.last() + 1) : Optional.empty()));
    }

    private record Step(KeyValue cluster, Optional<KeyValue> counter, long last) {}
}
