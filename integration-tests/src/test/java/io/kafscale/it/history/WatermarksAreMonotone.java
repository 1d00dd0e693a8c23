package io.kafscale.it.history;

import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.ServedBy;
import io.kafscale.it.history.Event.Watermark;
import java.util.HashMap;
import java.util.Map;

/** What a reader, or what one broker over all its lives, calls the high watermark never goes back, nor below what was read. */
final class WatermarksAreMonotone implements Rule {
    private record Session(String name, int partition) {}

    private final Map<Session, Long> highest = new HashMap<>();

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case Watermark seen ->
                check(new Session(seen.reader(), seen.partition()), seen.highWatermark(), entry, verdict);
            case ServedBy served ->
                check(
                        new Session("broker " + served.broker(), served.partition()),
                        served.highWatermark(),
                        entry,
                        verdict);
            case Read read ->
                highest.merge(new Session(read.reader(), read.source().partition()), read.offset() + 1, Math::max);
            default -> {}
        }
    }

    private void check(Session session, long highWatermark, Entry entry, Verdict verdict) {
        long before = highest.merge(session, highWatermark, Math::max);
        if (before > highWatermark) {
            verdict.violated(session.partition, entry.event() + " comes after " + before);
        }
    }
}
