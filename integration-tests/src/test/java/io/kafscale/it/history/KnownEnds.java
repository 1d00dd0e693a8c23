package io.kafscale.it.history;

import java.util.ArrayDeque;
import java.util.Deque;

/** How far something that only grows was known to have come, and since when: as long back as anybody asks. Not thread-safe. */
final class KnownEnds {
    private record Step(long nanos, long end) {}

    private final Deque<Step> steps = new ArrayDeque<>();
    private final long memoryNanos;

    /** Remembers when steps were made for {@code memoryNanos}. */
    KnownEnds(long memoryNanos) {
        this.memoryNanos = memoryNanos;
    }

    /** At {@code nanos}, which never goes back, it had come to {@code end}. */
    void reached(long nanos, long end) {
        if (end <= known()) {
            return;
        }
        steps.addLast(new Step(nanos, end));
        while (steps.getFirst().nanos < nanos - memoryNanos) {
            steps.removeFirst();
        }
    }

    /** How far it has come. */
    long known() {
        return steps.isEmpty() ? 0 : steps.getLast().end;
    }

    /** How far it was known to have come at {@code nanos}; 0 where that is forgotten. */
    long knownAt(long nanos) {
        var backwards = steps.descendingIterator();
        while (backwards.hasNext()) {
            Step step = backwards.next();
            if (step.nanos <= nanos) {
                return step.end;
            }
        }
        return 0;
    }
}
