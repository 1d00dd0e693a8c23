package io.kafscale.log.partition;

import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.segment.ProducerSnapshots;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;

/**
 * What all partitions of a log share.
 *
 * @param loop the log loop
 * @param wal where appends go
 * @param tails the bound on what they keep in memory
 * @param deadlines of waiting appends
 * @param producers where the producer state of older segments is found
 * @param awaited batches that were refused and will come again
 * @param producerExpiration producers are forgotten that long after their last batch
 * @param listener told of progress and loss
 */
public record PartitionServices(
        EventLoop loop,
        WalAppender wal,
        TailCache tails,
        Deadlines deadlines,
        ProducerSnapshots producers,
        AwaitedSequences awaited,
        Duration producerExpiration,
        PartitionListener listener) {}
