package io.kafscale.coordinator;

import io.kafscale.metastore.cluster.BrokerIncarnation;

/** What a host has to know of broker incarnations, its own and others. Thread-safe; answers at once. */
public interface BrokerIncarnations {
    /**
     * Whether nobody else can have owned a shard of {@code own}, an incarnation of this broker, for longer than clients may be told
     * what is no longer true. Asked for each answer that is not backed by a write: false as soon as its registration may have gone,
     * unless its stream is known not to be sealed.
     */
    boolean mayAnswer(BrokerIncarnation own);

    /**
     * Whether an incarnation is over for good, so that its shards may be taken: its stream is sealed, by which it finds out even
     * where it cannot reach the metadata store. Once true of one, always true.
     */
    boolean isOver(BrokerIncarnation other);
}
