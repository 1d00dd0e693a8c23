package io.kafscale.log.segment;

/** Told what the background work on segments does, for metrics and for whoever has to act. Called on the log loop. */
public interface SegmentListener {
    /** Nobody wants to know. */
    SegmentListener NONE = new SegmentListener() {};

    /** A segment and its index are in the store, and the partition's record says so. */
    default void segmentWritten(PartitionPlace place, Segment segment) {}

    /**
     * The stored bytes of a partition contradict each other. No more segments of it are written by this broker until it is
     * restarted; it can still be read and appended to, and everything it has in the WAL stays there.
     */
    default void damaged(PartitionPlace place, Throwable cause) {}

    /** The log start of a partition was moved by retention or by request. */
    default void logStartMoved(PartitionPlace place, long logStartOffset) {}
}
