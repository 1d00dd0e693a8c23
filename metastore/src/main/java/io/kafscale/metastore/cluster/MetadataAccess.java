package io.kafscale.metastore.cluster;

import io.kafscale.metastore.MetadataStore;
import io.kafscale.runtime.EventLoop;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * What every store of this package works with. Immutable.
 *
 * @param store where the records are
 * @param keys the keys of the namespace
 * @param loop where the stores run their own steps and complete their futures
 * @param random used on {@code loop} only
 */
public record MetadataAccess(MetadataStore store, MetadataKeys keys, EventLoop loop, RandomGenerator random) {
    /** Something that nobody else writes, for values by which a writer tells its own success from another's. On the loop. */
    String nonce() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }
}
