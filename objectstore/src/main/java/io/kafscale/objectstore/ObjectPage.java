package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import java.util.List;

/**
 * One page of a listing.
 *
 * @param objects in ascending key order
 * @param more whether keys after the last one of this page exist
 */
public record ObjectPage(List<ObjectSummary> objects, boolean more) {
    /** The longest page, in objects. */
    public static final int MAX_LIMIT = 1000;

    /** Copies the list. */
    public ObjectPage {
        objects = List.copyOf(objects);
    }

    /**
     * Checks the limit a caller asks for.
     *
     * @throws StorageException of kind {@link Kind#INVALID} outside 1 to {@link #MAX_LIMIT}
     */
    public static void checkLimit(String prefix, int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new StorageException(
                    Kind.INVALID, prefix, "a page holds 1 to " + MAX_LIMIT + " objects, not " + limit);
        }
    }
}
