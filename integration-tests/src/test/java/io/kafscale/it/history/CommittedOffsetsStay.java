package io.kafscale.it.history;

import io.kafscale.it.history.Event.CommitAcked;
import io.kafscale.it.history.Event.CommitAsked;
import io.kafscale.it.history.Event.OffsetFetched;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Who asks for a committed offset is told at least what had been acknowledged, or told to somebody, a bounded time before, and
 * nothing that nobody asked to commit. The members of these histories only ever commit forward.
 */
final class CommittedOffsetsStay implements Rule {
    private static final long MEMORY_NANOS = Duration.ofMinutes(3).toNanos();

    private record Place(String group, int partition) {}

    private final long boundNanos;
    private final Map<Place, KnownEnds> committed = new HashMap<>();
    private final Map<Place, Long> asked = new HashMap<>();

    /** {@code bound} is how long a coordinator that was replaced may go on answering. */
    CommittedOffsetsStay(Duration bound) {
        this.boundNanos = bound.toNanos();
    }

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case CommitAsked ask -> asked.merge(new Place(ask.group(), ask.partition()), ask.offset(), Math::max);
            case CommitAcked acked ->
                of(new Place(acked.group(), acked.partition())).reached(entry.nanos(), acked.offset());
            case OffsetFetched fetched -> {
                var place = new Place(fetched.group(), fetched.partition());
                check(place, fetched, verdict);
                of(place).reached(entry.nanos(), fetched.offset());
            }
            default -> {}
        }
    }

    private KnownEnds of(Place place) {
        return committed.computeIfAbsent(place, _ -> new KnownEnds(MEMORY_NANOS));
    }

    private void check(Place place, OffsetFetched fetched, Verdict verdict) {
        long known = of(place).knownAt(fetched.askedNanos() - boundNanos);
        if (fetched.offset() < known) {
            verdict.violated(place.partition, fetched + ", though " + known + " had been committed");
        }
        if (fetched.offset() > asked.getOrDefault(place, 0L)) {
            verdict.violated(place.partition, fetched + ", which nobody asked to commit");
        }
    }
}
