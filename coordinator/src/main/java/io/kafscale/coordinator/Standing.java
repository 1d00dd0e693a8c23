package io.kafscale.coordinator;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import org.jspecify.annotations.Nullable;

/** Whether a host holds a shard at a time, and as whom: a new one each time that changes, compared by identity. Thread-safe. */
final class Standing {
    final @Nullable BrokerIncarnation holder;

    private Standing(@Nullable BrokerIncarnation holder) {
        this.holder = holder;
    }

    static Standing heldBy(BrokerIncarnation holder) {
        return new Standing(holder);
    }

    static Standing notHeld() {
        return new Standing(null);
    }
}
