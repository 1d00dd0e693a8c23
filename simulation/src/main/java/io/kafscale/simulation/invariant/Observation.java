package io.kafscale.simulation.invariant;

import io.kafscale.log.AppendResult;
import io.kafscale.log.EpochEnd;
import io.kafscale.log.LogException;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Something that happened in a history, as its {@link Invariant}s see it. */
public sealed interface Observation {
    /** A producer sends a batch for the first time. */
    record Sent(PartitionFacts partition, SentBatch batch) implements Observation {}

    /** A batch is sent once more. */
    record SentAgain(PartitionFacts partition, SentBatch batch) implements Observation {}

    /** A batch was acknowledged as durable. */
    record Acknowledged(Known known, SentBatch batch, AppendResult result) implements Observation {}

    /** A batch was refused though it was the next of its producer. */
    record Refused(PartitionFacts partition, SentBatch batch, LogException cause) implements Observation {}

    /**
     * What a client knew when it asked.
     *
     * @param process whom it asked
     * @param highWatermark the answer must not be below it
     * @param logStart the answer must not be below it
     */
    record Known(PartitionFacts partition, String process, long highWatermark, long logStart) {
        /** What is known now, for a question to a process that may have been superseded. */
        public static Known now(PartitionFacts partition, String process, boolean superseded) {
            return new Known(
                    partition,
                    process,
                    superseded ? partition.highWatermarkOf(process) : partition.highWatermark(),
                    superseded ? 0 : partition.logStart());
        }
    }

    /** A partition's offsets were told. */
    record OffsetsTold(Known known, long highWatermark, long logStart) implements Observation {}

    /**
     * Batches were fetched.
     *
     * @param offset what was asked for
     * @param mustBring whether there must be records if there are any: nothing else took their room, and the broker did not give up
     *     waiting for the store
     */
    record Fetched(
            Known known, long offset, List<ReadBatch> batches, long highWatermark, long logStart, boolean mustBring)
            implements Observation {}

    /** A fetch, lookup or change of one partition failed. */
    record Failed(Known known, String what, long offset, LogException cause) implements Observation {}

    /**
     * A process answered a question.
     *
     * @param outdated for how long it has been able to notice that another process took its place; not positive if none did
     */
    record Answered(String process, Duration outdated) implements Observation {}

    /**
     * A process whose stream another has sealed leads on, as it believes.
     *
     * @param outdated for how long it has been able to notice
     */
    record LeadsOn(String process, Duration outdated) implements Observation {}

    /**
     * The record of a partition was changed.
     *
     * @param writer the incarnation that did
     * @param registered the incarnation that was registered then
     */
    record RecordChanged(String key, BrokerIncarnation writer, Optional<BrokerIncarnation> registered)
            implements Observation {}

    /** An offset was looked up by timestamp. */
    record LookedUp(Known known, OffsetQuery query, OffsetAnswer answer) implements Observation {}

    /** The end of a leader epoch was looked up. */
    record EpochLookedUp(Known known, int epoch, EpochEnd answer) implements Observation {}

    /** Everything of a partition was read once more, when all was quiet. */
    record ReadAll(PartitionFacts partition, List<ReadBatch> batches, long highWatermark, long logStart)
            implements Observation {}

    /** What the stores hold of a partition, read by their formats alone. */
    record Stored(PartitionFacts partition, StoredRecords records) implements Observation {}

    /** A task on a broker's loop failed. */
    record TaskFailed(String process, Throwable cause) implements Observation {}

    /** Something that had to end did not. */
    record NotEnded(String what) implements Observation {}

    /** Bytes of a budget are held though nothing is under way. */
    record BytesHeld(String budget, long bytes) implements Observation {}

    /** Requests of an idle broker. */
    record IdleRequests(long requests, String during) implements Observation {}

    /** An object is in the bucket that nobody needs. */
    record Garbage(String key, String why) implements Observation {}
}
