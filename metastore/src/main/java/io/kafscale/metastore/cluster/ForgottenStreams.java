package io.kafscale.metastore.cluster;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Transaction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Removes the records of streams that were collected, so that there are no more of them than brokers that are needed. One key for all
 * keeps the highest epoch that was removed: an incarnation without a record whose epoch is not above it is over for good, or never
 * was registered and never will be. Whoever registers compares that key, so that no request however late opens a stream again whose
 * record was removed. On the loop of the access.
 */
final class ForgottenStreams {
    private final MetadataAccess access;
    private final SettledCommits commits;
    private final OnLoop onLoop;

    ForgottenStreams(MetadataAccess access) {
        this.access = access;
        this.commits = new SettledCommits(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /** What the key holds. */
    record Mark(long epoch, long modRevision) {
        /** Whether an incarnation that has no record is over. */
        boolean covers(BrokerIncarnation incarnation) {
            return incarnation.brokerEpoch() <= epoch;
        }
    }

    CompletableFuture<Mark> mark() {
        return onLoop.hop(access.store().get(access.keys().forgottenStreams())).thenApply(ForgottenStreams::decode);
    }

    private static Mark decode(Optional<KeyValue> stored) {
        return new Mark(
                stored.map(RecordJson::counter).orElse(0L),
                stored.map(KeyValue::modRevision).orElse(0L));
    }

    /**
     * Removes records, as they are known.
     *
     * @param collected at most {@link BrokerRegistry#MOST_FORGOTTEN}, each of them collected
     * @return whether they are gone; false if one of them, or what was removed before, is not as it is known
     */
    CompletableFuture<Boolean> forget(List<Versioned<StreamRecord>> collected) {
        for (Versioned<StreamRecord> stream : collected) {
            if (stream.value().state() != StreamRecord.State.COLLECTED) {
                throw new IllegalArgumentException(stream + " is not collected");
            }
        }
        return mark().thenCompose(mark -> {
            String key = access.keys().forgottenStreams();
            long epoch = mark.epoch();
            var transaction = Transaction.builder();
            for (Versioned<StreamRecord> stream : collected) {
                String streamKey = access.keys().stream(stream.value().incarnation());
                transaction.require(streamKey, stream.modRevision()).delete(streamKey);
                epoch = Math.max(epoch, stream.value().incarnation().brokerEpoch());
            }
            transaction.require(key, mark.modRevision()).put(key, RecordJson.encodeCounter(epoch, access.nonce()));
            return commits.commit(transaction.build()).thenApply(answer -> answer.committed());
        });
    }
}
