package io.kafscale.log.check;

import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentHeader;

/**
 * A segment whose header and footer could be read. Immutable; any thread.
 *
 * @param sizeBytes bytes of the object
 */
record SegmentFacts(SegmentHeader header, SegmentFooter footer, long sizeBytes) {
    long baseOffset() {
        return header.baseOffset();
    }

    long lastOffset() {
        return footer.lastOffset();
    }
}
