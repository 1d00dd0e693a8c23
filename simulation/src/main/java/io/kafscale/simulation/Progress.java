package io.kafscale.simulation;

import io.kafscale.runtime.TimeSource;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far a run of the program is: counts histories, and shows a line that is kept up to date once a second on a terminal, or a line
 * now and then elsewhere. Used by one thread.
 */
final class Progress {
    private static final Duration APART_ON_TERMINAL = Duration.ofSeconds(1);
    private static final Duration APART = Duration.ofSeconds(15);

    private final TimeSource time;
    private final PrintStream err;
    private final boolean terminal;
    private final long startNanos;
    private final TreeMap<String, Integer> broken = new TreeMap<>();
    private long shownNanos;
    private long histories;
    private long violations;
    private long events;
    private Duration simulated = Duration.ZERO;

    Progress(TimeSource time, PrintStream err) {
        this.time = time;
        this.err = err;
        this.startNanos = time.nanoTime();
        this.shownNanos = startNanos;
        this.terminal = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .isPresent();
    }

    void finished(HistoryResult result) {
        histories++;
        events += result.events();
        simulated = simulated.plus(result.lasted());
        result.violation().ifPresent(violation -> {
            violations++;
            broken.merge(violation.invariant(), 1, Integer::sum);
        });
        long apart = (terminal ? APART_ON_TERMINAL : APART).toNanos();
        if (time.nanoTime() - shownNanos >= apart) {
            shownNanos = time.nanoTime();
            String line = String.format(
                    "%d s: %d histories up to seed %d, %d violations",
                    elapsed().toSeconds(), histories, result.seed(), violations);
            if (terminal) {
                err.print("\r\033[K" + line);
                err.flush();
            } else {
                err.println(line);
            }
        }
    }

    /** Makes room for other text. */
    void clear() {
        if (terminal) {
            err.print("\r\033[K");
            err.flush();
        }
    }

    long violations() {
        return violations;
    }

    Duration elapsed() {
        return Duration.ofNanos(time.nanoTime() - startNanos);
    }

    /** The closing line. */
    String summary() {
        double cpuSeconds = ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(elapsed())
                        .toMillis()
                / 1e3;
        return String.format(
                "%d histories (%.0f simulated hours, %.1f million steps), %d violations%s; %.1f s, %.1f histories per CPU second",
                histories,
                simulated.toSeconds() / 3600.0,
                events / 1e6,
                violations,
                broken.isEmpty() ? "" : " " + broken,
                elapsed().toMillis() / 1e3,
                histories / cpuSeconds);
    }
}
