package io.kafscale.log.segment;

import io.kafscale.format.StreamId;

/** Told which chunks of the WAL are no longer needed. Called on the log loop. */
@FunctionalInterface
public interface ChunkCoverage {
    /**
     * One chunk of this object is covered: it lies below the segment end or the log start offset of its partition in the metadata
     * store. Called once per chunk, whatever stream it is of.
     */
    void covered(StreamId stream, long sequence);
}
