package io.kafscale.metastore.cluster;

import java.util.concurrent.CompletableFuture;

/** Gives out blocks of producer ids that were never given out before. Thread-safe; futures complete on the loop of the access. */
public final class ProducerIdStore {
    private final Counter counter;

    /** Producer ids of the access' namespace; its {@link ClusterRecord} must exist. */
    public ProducerIdStore(MetadataAccess access) {
        this.counter = new Counter(access, access.keys().producerIdCounter());
    }

    /** The next {@code blockSize} producer ids, the caller's alone; after a failure some may be given to nobody. */
    public CompletableFuture<ProducerIdBlock> next(int blockSize) {
        if (blockSize <= 0) {
            throw new IllegalArgumentException("a block has at least one producer id, not " + blockSize);
        }
        return OnLoop.map(counter.take(blockSize), first -> new ProducerIdBlock(first, blockSize));
    }
}
