package io.kafscale.metastore.cluster;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import org.jspecify.annotations.Nullable;

/**
 * Who owns a shard of the consumer groups: the value of {@link MetadataKeys#coordinator}. Every write of the shard compares the
 * modification revision of that key, so it changes only with the owner. Immutable.
 *
 * @param epoch grows by one with each owner
 * @param incarnation the owner, or null once that one has released the shard: it writes nothing more under this epoch
 */
public record ShardOwner(long epoch, @Nullable BrokerIncarnation incarnation) {
    /** Nobody ever owned it. */
    public static final ShardOwner NONE = new ShardOwner(0, null);

    /** Whether it was released, or never taken. */
    public boolean isReleased() {
        return incarnation == null;
    }

    /** Whether {@code other} owns it. */
    public boolean is(BrokerIncarnation other) {
        return other.equals(incarnation);
    }

    /** The mark of the next owner. */
    public ShardOwner takenBy(BrokerIncarnation next) {
        return new ShardOwner(epoch + 1, next);
    }

    /** The mark that this owner leaves behind. */
    public ShardOwner released() {
        return new ShardOwner(epoch, null);
    }

    /** The value of the key. */
    public Bytes encode() {
        return RecordJson.encode(this);
    }

    /** Reads the value; fails with {@link MetadataException.Kind#CORRUPT} where it cannot be one. */
    public static ShardOwner decode(KeyValue stored) {
        return RecordJson.shardOwner(stored);
    }
}
