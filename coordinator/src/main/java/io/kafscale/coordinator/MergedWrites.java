package io.kafscale.coordinator;

import io.kafscale.metastore.Transaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** The newest write of each key, in the order of their offsets, and how large they are together. For one thread. */
final class MergedWrites {
    private final Map<String, RecordWrite> newest = new LinkedHashMap<>();
    private long bytes;

    /** Adds a write that is newer than all before: it replaces an older one of its key. */
    void add(RecordWrite write) {
        RecordWrite before = newest.remove(write.key());
        newest.put(write.key(), write);
        bytes += write.sizeInBytes() - (before == null ? 0 : before.sizeInBytes());
    }

    /** Moves batches from the head of {@code queue} in here while the whole of each fits; returns those moved. */
    List<CoordinatorBatch> takeWhileFitting(Queue<CoordinatorBatch> queue, StoreLimits.Limit limit) {
        var taken = new ArrayList<CoordinatorBatch>();
        for (CoordinatorBatch head = queue.peek(); head != null && fits(head, limit); head = queue.peek()) {
            head.writes().all().forEach(this::add);
            taken.add(queue.remove());
        }
        return taken;
    }

    private boolean fits(CoordinatorBatch batch, StoreLimits.Limit limit) {
        int more = 0;
        long moreBytes = 0;
        for (RecordWrite write : batch.writes().all()) {
            RecordWrite before = newest.get(write.key());
            more += before == null ? 1 : 0;
            moreBytes += write.sizeInBytes() - (before == null ? 0 : before.sizeInBytes());
        }
        return limit.admits(newest.size() + more, bytes + moreBytes);
    }

    boolean within(StoreLimits.Limit limit) {
        return limit.admits(newest.size(), bytes);
    }

    /** The writes, oldest first. */
    Collection<RecordWrite> all() {
        return newest.values();
    }

    List<Transaction.Write> toStore() {
        return newest.values().stream().map(RecordWrite::toStore).toList();
    }

    int size() {
        return newest.size();
    }

    long sizeInBytes() {
        return bytes;
    }
}
