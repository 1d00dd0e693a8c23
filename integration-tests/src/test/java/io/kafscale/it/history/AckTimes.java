package io.kafscale.it.history;

import io.kafscale.it.history.Event.Acked;
import io.kafscale.it.history.Event.Sent;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Breaks no history, but measures: the longest time without an acknowledgement of a record in each partition, and how long after a
 * mark the first record was acknowledged that was sent after it. Thread-safe.
 */
public final class AckTimes implements Rule {
    private final Map<Integer, Long> lastNanos = new HashMap<>();
    private final Map<Integer, Long> longestNanos = new HashMap<>();
    private final Map<Source, Long> firstSent = new HashMap<>();
    private final Map<Integer, Long> backNanos = new HashMap<>();
    private final Set<Integer> waiting = new HashSet<>();
    private long markNanos;

    @Override
    public synchronized void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case Sent sent -> {
                if (waiting.contains(sent.source().partition())) {
                    firstSent.putIfAbsent(sent.source(), sent.number());
                }
            }
            case Acked acked -> acked(entry.nanos(), acked);
            default -> {}
        }
    }

    private void acked(long nanos, Acked acked) {
        int partition = acked.source().partition();
        Long before = lastNanos.put(partition, nanos);
        if (before != null) {
            longestNanos.merge(partition, nanos - before, Math::max);
        }
        Long first = firstSent.get(acked.source());
        if (first != null && acked.number() >= first && waiting.remove(partition)) {
            backNanos.put(partition, nanos - markNanos);
        }
    }

    /** Forgets the longest times so far. */
    public synchronized void reset() {
        longestNanos.clear();
        lastNanos.clear();
    }

    /** The longest time between two acknowledgements in a partition since {@link #reset()}. */
    public synchronized Duration longestGap(int partition) {
        return Duration.ofNanos(longestNanos.getOrDefault(partition, 0L));
    }

    /** From now, {@code nanos} of the history, on: when is a record acknowledged in each of these partitions? */
    public synchronized void mark(long nanos, Set<Integer> partitions) {
        markNanos = nanos;
        waiting.clear();
        waiting.addAll(partitions);
        firstSent.clear();
        backNanos.clear();
    }

    /** Whether a record was acknowledged in each of the partitions since the mark. */
    public synchronized boolean allAreBack() {
        return waiting.isEmpty();
    }

    /** How long after the mark the first partition, of those that were marked, was back. */
    public synchronized Duration firstBack() {
        return Duration.ofNanos(
                backNanos.values().stream().mapToLong(Long::longValue).min().orElse(0));
    }

    /** How long after the mark the last partition was back. */
    public synchronized Duration lastBack() {
        return Duration.ofNanos(
                backNanos.values().stream().mapToLong(Long::longValue).max().orElse(0));
    }
}
