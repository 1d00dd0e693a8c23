package io.kafscale.it.history;

import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.ReadFrom;
import java.util.HashMap;
import java.util.Map;

/** A reader gets the records of one producer in one partition in the order in which they were sent. */
final class ProducerOrderKept implements Rule {
    private record Course(String reader, int partition) {}

    private final Map<Course, Map<String, Read>> last = new HashMap<>();

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case ReadFrom from -> last.remove(new Course(from.reader(), from.partition()));
            case Read read -> {
                var course = new Course(read.reader(), read.source().partition());
                Read before = last.computeIfAbsent(course, _ -> new HashMap<>())
                        .put(read.source().producer(), read);
                if (before != null && before.number() >= read.number()) {
                    verdict.violated(course.partition, read + " comes after " + before);
                }
            }
            default -> {}
        }
    }
}
