package io.kafscale.objectstore.s3;

import java.util.List;

/**
 * What a bucket that may be used has about it that its owner should know.
 *
 * @param versioned whether the bucket keeps deleted objects as old versions
 * @param warnings whole sentences for the log
 */
public record BucketReport(boolean versioned, List<String> warnings) {
    /** Copies the list. */
    public BucketReport {
        warnings = List.copyOf(warnings);
    }
}
