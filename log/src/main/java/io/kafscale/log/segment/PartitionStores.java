package io.kafscale.log.segment;

import io.kafscale.format.ObjectLayout;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.runtime.ByteBudget;
import io.kafscale.runtime.EventLoop;

/**
 * What partitions are stored in, and who is told about it. Shared by all partitions of a log.
 *
 * @param objects the object store
 * @param layout where in it objects are
 * @param records how partition records are changed
 * @param coverage told which WAL chunks are no longer needed
 * @param leadership whether what is known here still counts
 * @param directory what the directory of waiting chunks is charged to; it never refuses, see {@link SegmentWriter}
 * @param loop the log loop
 */
public record PartitionStores(
        ObjectStore objects,
        ObjectLayout layout,
        PartitionRecords records,
        ChunkCoverage coverage,
        Leadership leadership,
        ByteBudget directory,
        EventLoop loop) {}
