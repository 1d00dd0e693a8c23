package io.kafscale.simulation;

import io.kafscale.runtime.TimeSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What happened in a history, for people: the latest events as lines. Every event also goes into a hash, by which two runs of one
 * seed are compared. Confined to the simulation's one thread.
 */
public final class Trace {
    private static final long PRIME = 0x0000_0100_0000_01b3L;

    private final TimeSource time;
    private final int kept;
    private final Deque<String> lines = new ArrayDeque<>();
    private long events;
    private long hash = 0xcbf2_9ce4_8422_2325L;

    /**
     * An empty trace.
     *
     * @param kept how many of the latest events are kept as text
     */
    public Trace(TimeSource time, int kept) {
        this.time = time;
        this.kept = kept;
    }

    /**
     * Adds an event.
     *
     * @param who the component it happened to
     * @param what in one line; the same for every run of the seed
     */
    public void add(String who, String what) {
        events++;
        hash = (hash ^ time.nanoTime()) * PRIME;
        hash = (hash ^ who.hashCode()) * PRIME;
        hash = (hash ^ what.hashCode()) * PRIME;
        if (kept > 0) {
            if (lines.size() == kept) {
                lines.removeFirst();
            }
            lines.addLast(line(who, what));
        }
    }

    private String line(String who, String what) {
        long micros = time.nanoTime() / 1000;
        return String.format("%4d.%06d  %-14s %s", micros / 1_000_000, micros % 1_000_000, who, what);
    }

    /** The latest events, oldest first. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** How many events there were. */
    public long events() {
        return events;
    }

    /** A digest of all events, their order and times. */
    public long hash() {
        return hash;
    }
}
