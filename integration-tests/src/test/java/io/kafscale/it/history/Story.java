package io.kafscale.it.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A made-up history for the test of one rule. */
final class Story implements Rule.Verdict {
    static final Source A0 = new Source("a", 0);

    private final Rule rule;
    private final List<String> violations = new ArrayList<>();
    private long nanos;

    Story(Rule rule) {
        this.rule = rule;
    }

    static long ms(long ms) {
        return Duration.ofMillis(ms).toNanos();
    }

    /** What follows happens at this time. */
    Story at(long ms) {
        nanos = ms(ms);
        return this;
    }

    Story then(Event... events) {
        for (Event event : events) {
            rule.observe(new Entry(nanos, event), this);
        }
        return this;
    }

    /** {@code source} sends and is acknowledged its next record. */
    Story acked(Source source, long number, long offset) {
        return then(new Event.Sent(source, number), new Event.Acked(source, number, offset));
    }

    /** A reader begins at the beginning of partition 0. */
    Story begins(String reader) {
        return then(new Event.ReadFrom(reader, 0, 0));
    }

    /** A reader gets a record whose content follows from its number. */
    Story reads(String reader, long offset, int leaderEpoch, Source source, long number) {
        return then(new Event.Read(reader, offset, leaderEpoch, source, number, Long.hashCode(number)));
    }

    List<String> violations() {
        return violations;
    }

    /** Everything that was violated, the last word included. */
    List<String> outcome() {
        rule.finish(this);
        return violations;
    }

    @Override
    public void violated(int partition, String message) {
        violations.add(message);
    }

    @Override
    public void violated(String message) {
        violations.add(message);
    }
}
