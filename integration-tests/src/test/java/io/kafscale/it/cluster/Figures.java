package io.kafscale.it.cluster;

import java.time.Duration;
import java.util.List;

/** Durations that were measured. */
record Figures(List<Duration> sorted) {
    static Figures of(List<Duration> measured) {
        return new Figures(measured.stream().sorted().toList());
    }

    Duration median() {
        return sorted.get((sorted.size() - 1) / 2);
    }

    Duration worst() {
        return sorted.getLast();
    }

    @Override
    public String toString() {
        return "median %d ms, worst %d ms, of %d: %s ms"
                .formatted(
                        median().toMillis(),
                        worst().toMillis(),
                        sorted.size(),
                        sorted.stream().map(Duration::toMillis).toList());
    }
}
