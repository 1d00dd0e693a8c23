package io.kafscale.log.wal;

import java.util.TreeMap;

/**
 * Which objects of the own stream are still needed. An object is needed until each of its chunks has been covered: by a segment, the
 * log start offset, or the end of its topic. Log loop only.
 */
final class TrimPosition {
    private final TreeMap<Long, Integer> uncovered = new TreeMap<>();

    /** An object with {@code chunks} chunks becomes part of the stream. */
    void built(long sequence, int chunks) {
        if (chunks > 0) {
            uncovered.put(sequence, chunks);
        }
    }

    /** One chunk of an object is no longer needed. */
    void covered(long sequence) {
        Integer left = uncovered.get(sequence);
        if (left == null) {
            throw new IllegalStateException("a chunk of WAL object " + sequence + " was covered more than once");
        }
        if (left == 1) {
            uncovered.remove(sequence);
        } else {
            uncovered.put(sequence, left - 1);
        }
    }

    /**
     * The sequence before which nothing is needed. Never beyond the commit position: an object in doubt may not look deletable even
     * if nobody wants its chunks any more, or a takeover would take its absence for a trimmed prefix.
     */
    long below(long commitPosition) {
        return uncovered.isEmpty() ? commitPosition : Math.min(uncovered.firstKey(), commitPosition);
    }

    /** Objects with a chunk that is still needed. */
    int neededObjects() {
        return uncovered.size();
    }
}
