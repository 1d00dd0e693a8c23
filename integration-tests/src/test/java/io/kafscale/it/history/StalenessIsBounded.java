package io.kafscale.it.history;

import io.kafscale.it.history.Event.Acked;
import io.kafscale.it.history.Event.AckedBy;
import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.Resumed;
import io.kafscale.it.history.Event.ServedBy;
import io.kafscale.it.history.Event.Watermark;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A broker that answers fetches as leader knows what was acknowledged some time before it was asked. One that lost its leadership
 * and does not know answers no longer than that; the time of a stopped broker counts from when it runs again.
 */
final class StalenessIsBounded implements Rule {
    private static final long MEMORY_NANOS = Duration.ofMinutes(3).toNanos();

    private final long boundNanos;
    private final Map<Integer, KnownEnds> ends = new HashMap<>();
    private final Map<Integer, Long> resumed = new HashMap<>();

    StalenessIsBounded(Duration bound) {
        this.boundNanos = bound.toNanos();
    }

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case Acked acked -> reached(entry, acked.source().partition(), acked.offset() + 1);
            case AckedBy acked -> reached(entry, acked.source().partition(), acked.offset() + 1);
            case Read read -> reached(entry, read.source().partition(), read.offset() + 1);
            case Watermark seen -> reached(entry, seen.partition(), seen.highWatermark());
            case Resumed runs -> resumed.put(runs.broker(), entry.nanos());
            case ServedBy served -> {
                check(served, verdict);
                reached(entry, served.partition(), served.highWatermark());
            }
            default -> {}
        }
    }

    private void reached(Entry entry, int partition, long end) {
        of(partition).reached(entry.nanos(), end);
    }

    private KnownEnds of(int partition) {
        return ends.computeIfAbsent(partition, _ -> new KnownEnds(MEMORY_NANOS));
    }

    private void check(ServedBy served, Verdict verdict) {
        long mustKnow = served.askedNanos() - boundNanos;
        if (mustKnow < resumed.getOrDefault(served.broker(), Long.MIN_VALUE)) {
            return;
        }
        long known = of(served.partition()).knownAt(mustKnow);
        if (served.highWatermark() < known) {
            verdict.violated(
                    served.partition(),
                    "%s, though %d was acknowledged %d ms before it was asked"
                            .formatted(
                                    served, known, Duration.ofNanos(boundNanos).toMillis()));
        }
    }
}
