package io.kafscale.metastore;

import java.util.List;

/**
 * Keys as of one revision.
 *
 * @param revision the store's revision the keys were read at
 */
public record RangeResult(long revision, List<KeyValue> keys) {
    /** Copies the list. */
    public RangeResult {
        keys = List.copyOf(keys);
    }
}
