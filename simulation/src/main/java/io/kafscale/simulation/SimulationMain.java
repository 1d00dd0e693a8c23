package io.kafscale.simulation;

import io.kafscale.runtime.TimeSource;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * The program: runs histories until one breaks a rule, or enough of them did not. {@link SimulationOptions#USAGE} says what it can be
 * asked. Its result goes to standard output, how far it is to standard error.
 */
public final class SimulationMain {
    private static final int WHOLE_TRACE = 2_000_000;

    private final SimulationOptions options;
    private final PrintStream out;
    private final Progress progress;

    private SimulationMain(SimulationOptions options, TimeSource time) {
        this.options = options;
        this.out = System.out;
        this.progress = new Progress(time, System.err);
    }

    /** Runs it and ends with 0, 1 if a rule was broken, or 2 if the arguments are not understood. */
    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        if (List.of(arguments).contains("--help")) {
            System.out.print(SimulationOptions.USAGE);
            return;
        }
        try {
            var options = SimulationOptions.parse(
                    List.of(arguments), Runtime.getRuntime().availableProcessors());
            System.exit(new SimulationMain(options, TimeSource.system()).run() ? 0 : 1);
        } catch (SimulationOptions.Misunderstood misunderstood) {
            System.err.println("simulation: " + misunderstood.getMessage() + "; --help shows all there is");
            System.exit(2);
        }
    }

    private boolean run() throws InterruptedException, ExecutionException {
        if (options.isReplay()) {
            HistoryResult result = new History(options.seed().getAsLong(), WHOLE_TRACE).run();
            progress.finished(result);
            report(result);
        } else {
            runMany();
        }
        out.println(progress.summary());
        return progress.violations() == 0;
    }

    private void runMany() throws InterruptedException, ExecutionException {
        // Short enough to be typed.
        long first = options.seed().orElseGet(() -> 1_000 * (System.nanoTime() >>> 1) % 1_000_000_000_000L);
        try (var campaign = new Campaign(first, options.threads(), wanted())) {
            while (campaign.hasNext()) {
                HistoryResult result = campaign.next();
                progress.finished(result);
                if (result.violation().isPresent()) {
                    progress.clear();
                    report(new History(result.seed(), WHOLE_TRACE).run());
                    if (!options.keepGoing()) {
                        return;
                    }
                }
            }
        }
        progress.clear();
    }

    private BooleanSupplier wanted() {
        var begun = new AtomicLong();
        long most = options.count().orElse(Long.MAX_VALUE);
        return () -> begun.getAndIncrement() < most
                && options.time()
                        .map(limit -> progress.elapsed().compareTo(limit) < 0)
                        .orElse(true);
    }

    /** What people need to see of a history, and where the rest is. */
    private void report(HistoryResult result) {
        HistoryResult.Account account = result.account();
        Path file = write(result);
        result.violation()
                .ifPresentOrElse(
                        violation -> {
                            out.println("Seed " + result.seed() + " breaks a rule after " + seconds(result)
                                    + " of simulated time:");
                            out.println("  " + account.violation());
                            if (violation.getCause() != null) {
                                violation.getCause().printStackTrace(out);
                            }
                        },
                        () -> out.println("Seed " + result.seed() + " breaks no rule in " + seconds(result)
                                + " of simulated time."));
        out.printf("It takes %d steps; the trace has hash %x.%n", result.events(), result.traceHash());
        out.println("Settings: " + account.plan());
        int shown = Math.min(options.lines(), account.trace().size());
        out.println("The last " + shown + " of " + account.trace().size()
                + " lines of its trace (! a fault, | the broker's log); all are in " + file + ":");
        account.trace()
                .subList(account.trace().size() - shown, account.trace().size())
                .forEach(out::println);
        out.println("Replay it: make sim SEED=" + result.seed());
        out.println();
    }

    private static String seconds(HistoryResult result) {
        return String.format("%.3f s", result.lasted().toNanos() / 1e9);
    }

    private Path write(HistoryResult result) {
        Path file = options.traces().resolve("seed-" + result.seed() + ".txt");
        var lines = new ArrayList<String>();
        lines.add("seed " + result.seed() + "\n" + result.account().plan());
        lines.addAll(result.account().trace());
        lines.add(result.violation().isPresent() ? result.account().violation() : "no rule was broken");
        try {
            Files.createDirectories(options.traces());
            return Files.write(file, lines);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
