package io.kafscale.objectstore;

import java.util.List;

/**
 * One page of a listing.
 *
 * @param objects in ascending key order
 * @param more whether keys after the last one of this page exist
 */
public record ObjectPage(List<ObjectSummary> objects, boolean more) {
    /** Copies the list. */
    public ObjectPage {
        objects = List.copyOf(objects);
    }
}
