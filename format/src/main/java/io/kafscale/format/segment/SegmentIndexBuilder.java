package io.kafscale.format.segment;

import io.kafscale.format.ProducerStateBuilder;
import io.kafscale.format.RecordBatchView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds an index from the batches of one segment, shown in order. Not thread-safe; keeps no batch. */
public final class SegmentIndexBuilder {
    private final int intervalRecords;
    private final ProducerStateBuilder producers;
    private final List<IndexEntry> entries = new ArrayList<>();
    private final List<TimeEntry> times = new ArrayList<>();
    private final List<EpochStart> epochs = new ArrayList<>();
    private long recordsSinceEntry;
    private long recordsSinceTime;
    private TimeEntry maxTimestamp = TimeEntry.NONE;

    /** Starts with no batch. */
    public SegmentIndexBuilder(IndexSource source) {
        this.intervalRecords = source.intervalRecords();
        this.producers = new ProducerStateBuilder(source.producersBefore());
    }

    /** The next batch and where it starts in the file. */
    public void append(RecordBatchView batch, int position) {
        if (entries.isEmpty() || recordsSinceEntry >= intervalRecords) {
            entries.add(new IndexEntry(batch.baseOffset(), position));
            recordsSinceEntry = 0;
        }
        recordsSinceEntry += batch.recordCount();
        appendTime(batch);
        appendEpoch(batch);
        producers.append(batch);
    }

    /** The index of the batches so far, which are those of the file with this identity. */
    public SegmentIndex build(SegmentIdentity identity) {
        if (entries.isEmpty()) {
            throw new IllegalStateException("no index without a batch");
        }
        var allTimes = new ArrayList<>(times);
        if (hasPendingTime()) {
            allTimes.add(maxTimestamp);
        }
        var extension = new IndexExtension(identity, allTimes, epochs, producers.snapshot(), maxTimestamp);
        return new SegmentIndex(intervalRecords, entries, Optional.of(extension));
    }

    private void appendTime(RecordBatchView batch) {
        if (batch.maxTimestamp() > maxTimestamp.maxTimestampMs()) {
            maxTimestamp = new TimeEntry(batch.maxTimestamp(), batch.baseOffset());
        }
        if (hasPendingTime() && (times.isEmpty() || recordsSinceTime >= intervalRecords)) {
            times.add(maxTimestamp);
            recordsSinceTime = 0;
        }
        recordsSinceTime += batch.recordCount();
    }

    private boolean hasPendingTime() {
        return !maxTimestamp.equals(times.isEmpty() ? TimeEntry.NONE : times.getLast());
    }

    /** Epochs never go back in a partition's log; batches of unknown origin that claim so start no epoch. */
    private void appendEpoch(RecordBatchView batch) {
        int newest = epochs.isEmpty() ? -1 : epochs.getLast().leaderEpoch();
        if (batch.partitionLeaderEpoch() > newest) {
            epochs.add(new EpochStart(batch.partitionLeaderEpoch(), batch.baseOffset()));
        }
    }
}
