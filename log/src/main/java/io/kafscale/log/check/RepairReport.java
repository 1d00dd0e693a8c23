package io.kafscale.log.check;

import java.util.List;

/**
 * What a repair has done. Immutable; any thread.
 *
 * @param indexes keys of indexes that were written anew
 * @param deletedObjects how many objects that nobody needs were deleted
 * @param left what was not repaired, and why
 */
public record RepairReport(List<String> indexes, long deletedObjects, List<String> left) {
    /** Copies the lists. */
    public RepairReport {
        indexes = List.copyOf(indexes);
        left = List.copyOf(left);
    }
}
