package io.kafscale.it.history;

import io.kafscale.it.client.Observed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Everything that clients observe of one topic, in one order: written to a journal and judged by rules at once. Thread-safe. The
 * journal of a history without violations is deleted when it is closed.
 */
public final class History implements AutoCloseable {
    private static final int REMEMBERED = 20_000;
    private static final int EXCERPT = 30;
    private static final int MAX_VIOLATIONS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Observed observed = new Observed();
    private final Path journal;
    private final Writer writer;
    private final List<Rule> rules;
    private final long startNanos = System.nanoTime();
    private final Deque<Entry> recent = new ArrayDeque<>();
    private final Deque<Entry> faults = new ArrayDeque<>();
    private final List<Violation> violations = new ArrayList<>();
    private final Progress progress = new Progress();
    private long violationCount;
    private volatile boolean keep;

    /** An empty history, which will be written to {@code journal}. */
    public History(Path journal, List<Rule> rules) {
        this.journal = journal;
        this.rules = List.copyOf(rules);
        try {
            Files.createDirectories(journal.toAbsolutePath().getParent());
            this.writer = Files.newBufferedWriter(journal);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Nanoseconds since the history began. */
    public long now() {
        return System.nanoTime() - startNanos;
    }

    /** Takes note of something, which is judged before this returns. */
    public void add(Event event) {
        observed.change(() -> {
            var entry = new Entry(now(), event);
            write(entry.toString());
            remember(entry);
            progress.observe(event);
            rules.forEach(rule -> rule.observe(entry, new Finding(rule)));
        });
    }

    private void remember(Entry entry) {
        Deque<Entry> kept = entry.event() instanceof Event.Fault ? faults : recent;
        kept.addLast(entry);
        if (kept.size() > REMEMBERED) {
            kept.removeFirst();
        }
    }

    private void write(String line) {
        try {
            writer.append(line).append('\n');
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Asks each rule for its last word. */
    public void finish() {
        observed.change(() -> rules.forEach(rule -> rule.finish(new Finding(rule))));
    }

    /** The violations so far, at most the first few. */
    public List<Violation> violations() {
        return observed.read(() -> List.copyOf(violations));
    }

    /** Whether no rule has been broken so far. */
    public boolean isSound() {
        return observed.read(violations::isEmpty);
    }

    /** Reads a number of it. */
    public long read(ToLongFunction<Progress> question) {
        return observed.read(() -> question.applyAsLong(progress));
    }

    /** Waits until {@code condition} holds of it, or a rule was broken; fails if neither comes within a minute. */
    public void await(String what, Predicate<Progress> condition) {
        BooleanSupplier done = () -> !violations.isEmpty() || condition.test(progress);
        if (!observed.holdsWithin(PATIENCE, done)) {
            throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what + "; " + this + "; journal "
                    + kept() + lastFaults());
        }
    }

    private String lastFaults() {
        return observed.read(() -> faults.stream()
                .skip(Math.max(0, faults.size() - EXCERPT))
                .map(fault -> "\n    " + fault)
                .collect(Collectors.joining()));
    }

    /** The journal, which stays from now on whatever happens. */
    private Path kept() {
        keep = true;
        return journal;
    }

    /** Lets the clients work for some time, or until a rule is broken. */
    public void letPass(Duration time) {
        observed.holdsWithin(time, () -> !violations.isEmpty());
    }

    /** Fails, with all that is known, if a rule was broken. */
    public void assertSound(String context) {
        List<Violation> found = violations();
        if (!found.isEmpty()) {
            var text = new StringBuilder("%d violations (%s), journal %s".formatted(violationCount, context, journal));
            found.forEach(violation -> text.append("\n  ").append(violation));
            throw new AssertionError(text.toString());
        }
    }

    @Override
    public void close() {
        observed.change(() -> {
            try {
                writer.close();
                if (violations.isEmpty() && !keep && !Boolean.getBoolean("it.keep")) {
                    Files.delete(journal);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }

    @Override
    public String toString() {
        return observed.read(progress::toString);
    }

    /** Turns what a rule says into a violation. */
    private final class Finding implements Rule.Verdict {
        private final Rule rule;

        private Finding(Rule rule) {
            this.rule = rule;
        }

        @Override
        public void violated(int partition, String message) {
            note(OptionalInt.of(partition), "partition " + partition + ": " + message);
        }

        @Override
        public void violated(String message) {
            note(OptionalInt.empty(), message);
        }

        private void note(OptionalInt partition, String message) {
            violationCount++;
            write("VIOLATION of " + rule.title() + ": " + message);
            if (violations.size() < MAX_VIOLATIONS) {
                violations.add(new Violation(rule.title(), message, excerpt(partition)));
            }
        }

        /** The last entries about the partition, and the last faults, in order. */
        private List<Entry> excerpt(OptionalInt partition) {
            var chosen = new ArrayList<Entry>();
            chosen.addAll(last(recent, partition));
            chosen.addAll(last(faults, OptionalInt.empty()));
            chosen.sort(Comparator.comparingLong(Entry::nanos));
            return chosen;
        }

        private List<Entry> last(Deque<Entry> entries, OptionalInt partition) {
            var chosen = new ArrayList<Entry>();
            var backwards = entries.descendingIterator();
            while (backwards.hasNext() && chosen.size() < EXCERPT) {
                Entry entry = backwards.next();
                if (partition.isEmpty() || entry.event().place().equals(partition)) {
                    chosen.add(entry);
                }
            }
            return chosen;
        }
    }
}
