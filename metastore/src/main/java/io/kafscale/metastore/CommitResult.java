package io.kafscale.metastore;

import java.util.Map;
import java.util.Optional;

/** What became of a {@link Transaction}. */
public sealed interface CommitResult {
    /**
     * All conditions held and all writes were applied.
     *
     * @param revision the revision they got: the {@code modRevision} of every key written
     */
    record Committed(long revision) implements CommitResult {}

    /**
     * A condition did not hold; nothing was written.
     *
     * @param current what the compared keys hold, as of the refusal
     */
    record Conflict(Map<String, Optional<KeyValue>> current) implements CommitResult {
        /** Copies the map. */
        public Conflict {
            current = Map.copyOf(current);
        }
    }

    /** Whether it was applied. */
    default boolean committed() {
        return this instanceof Committed;
    }
}
