package io.kafscale.simulation.trace;

import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.trace.TraceLine.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What happened in a history: the latest events. Every event also goes into a hash, by which two runs of one seed are compared; what
 * the broker logs does not, since it is only asked for where it is kept. Confined to the simulation's one thread.
 */
public final class Trace {
    private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();
    private static final long PRIME = 0x0000_0100_0000_01b3L;

    private final TimeSource time;
    private final int kept;
    private final Deque<TraceLine> lines = new ArrayDeque<>();
    private String running = "world";
    private long events;
    private long hash = 0xcbf2_9ce4_8422_2325L;

    /**
     * An empty trace.
     *
     * @param kept how many of the latest events are kept
     */
    public Trace(TimeSource time, int kept) {
        this.time = time;
        this.kept = kept;
    }

    /** Does {@code work}, and takes down what is logged meanwhile by this thread. */
    public void during(Runnable work) {
        ScopedValue.where(CURRENT, this).run(work);
    }

    /** The trace that takes down what this thread logs; empty if none does. */
    static Optional<Trace> current() {
        return CURRENT.isBound() && CURRENT.get().kept > 0 ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /**
     * Adds an event.
     *
     * @param who the component it happened to
     * @param what in one line; the same for every run of the seed
     */
    public void add(String who, String what) {
        add(Kind.STEP, who, what);
    }

    /** Adds an event that the history brought about to do harm. */
    public void fault(String who, String what) {
        add(Kind.FAULT, who, what);
    }

    private void add(Kind kind, String who, String what) {
        events++;
        hash = (hash ^ time.nanoTime()) * PRIME;
        hash = (hash ^ who.hashCode()) * PRIME;
        hash = (hash ^ what.hashCode()) * PRIME;
        keep(kind, who, what);
    }

    /** Adds what the process that is running has logged. */
    void log(String what) {
        keep(Kind.LOG, running, what);
    }

    private void keep(Kind kind, String who, String what) {
        if (kept > 0) {
            if (lines.size() == kept) {
                lines.removeFirst();
            }
            lines.addLast(new TraceLine(time.nanoTime(), kind, who, what));
        }
    }

    /** Whatever is logged from now on is logged by {@code process}. */
    public void running(String process) {
        running = process;
    }

    /** The latest events, oldest first. */
    public List<TraceLine> lines() {
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
