package io.kafscale.it.history;

import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.ReadFrom;
import java.util.HashMap;
import java.util.Map;

/** A reader gets every offset from where it begins, one after the other; leader epochs never fall on the way. */
final class OffsetsAreDense implements Rule {
    private record Course(String reader, int partition) {}

    private record Position(long offset, int leaderEpoch) {}

    private final Map<Course, Position> positions = new HashMap<>();

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case ReadFrom from ->
                positions.put(new Course(from.reader(), from.partition()), new Position(from.offset(), -1));
            case Read read -> read(read, verdict);
            default -> {}
        }
    }

    private void read(Read read, Verdict verdict) {
        var course = new Course(read.reader(), read.source().partition());
        Position expected = positions.put(course, new Position(read.offset() + 1, read.leaderEpoch()));
        if (expected == null) {
            verdict.violated(course.partition, read + " comes before its reader began");
        } else if (expected.offset != read.offset()) {
            verdict.violated(course.partition, read + " comes instead of offset " + expected.offset);
        } else if (expected.leaderEpoch > read.leaderEpoch()) {
            verdict.violated(course.partition, read + " comes after leader epoch " + expected.leaderEpoch);
        }
    }
}
