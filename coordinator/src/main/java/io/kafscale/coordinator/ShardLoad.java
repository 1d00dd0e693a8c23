package io.kafscale.coordinator;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One loading of one shard: it ends loaded, with a tenure, or it fails, and whoever is first decides. Thread-safe.
 *
 * @see ShardLoader
 */
final class ShardLoad {
    /** How a load ended. */
    sealed interface End {
        /** The runtime has all records and will report the shard active; {@code topics} are those it has offsets of. */
        record Loaded(ShardTenure tenure, Map<Uuid, LoadedTopic> topics) implements End {}

        /** The runtime will report the shard unloaded. */
        record Failed(Throwable cause) implements End {}
    }

    /**
     * A topic a loaded shard has committed offsets of.
     *
     * @param revision a metadata revision at which the topic existed: the oldest write of one of those offsets
     */
    record LoadedTopic(String name, long revision) {}

    private final Ownership ownership;
    private final AtomicReference<@Nullable End> end = new AtomicReference<>();
    private final CompletableFuture<Void> abandonment = new CompletableFuture<>();

    ShardLoad(Ownership ownership) {
        this.ownership = ownership;
    }

    Ownership ownership() {
        return ownership;
    }

    /** Gives up, unless the load has ended. */
    void abandon() {
        fail(new ShardLostException(ownership.shard(), "given up while it was loaded"));
    }

    /** Completes when the load is given up from outside or has failed; never fails. */
    CompletableFuture<Void> abandonment() {
        return abandonment;
    }

    /** Ends the load well; false if it was given up before. */
    boolean succeed(End.Loaded loaded) {
        return end.compareAndSet(null, loaded);
    }

    /** Ends the load badly, unless it has ended. */
    void fail(Throwable cause) {
        if (end.compareAndSet(null, new End.Failed(cause))) {
            abandonment.complete(null);
        }
    }

    /** How it ended, or null while it goes on. */
    @Nullable
    End end() {
        return end.get();
    }
}
