package io.kafscale.it.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What a process says on one of its streams: written to a file and kept, line by line. Thread-safe. */
public final class CapturedOutput {
    private static final int MAX_LINES = 1_000_000;
    private static final int SHOWN_LINES = 40;

    private final Path file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> lines = new ArrayList<>();
    private final List<Consumer<String>> listeners = new ArrayList<>();
    private boolean ended;

    private CapturedOutput(Path file) {
        this.file = file;
    }

    /** Captures {@code stream} into {@code file} until it ends. */
    static CapturedOutput capture(InputStream stream, Path file) {
        var output = new CapturedOutput(file);
        Thread.ofVirtual().name("capture " + file.getFileName()).start(() -> output.drain(stream));
        return output;
    }

    private void drain(InputStream stream) {
        try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
                Writer copy = Files.newBufferedWriter(file)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                copy.write(line);
                copy.write('\n');
                copy.flush();
                add(line);
            }
        } catch (IOException closed) {
            add("[the stream broke: " + closed + "]");
        } finally {
            end();
        }
    }

    private void add(String line) {
        lock.lock();
        try {
            if (lines.size() < MAX_LINES) {
                lines.add(line);
            }
            listeners.forEach(listener -> listener.accept(line));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells {@code listener} each line in turn, those so far at once. It is called with a lock held. */
    public void onLine(Consumer<String> listener) {
        lock.lock();
        try {
            lines.forEach(listener);
            listeners.add(listener);
        } finally {
            lock.unlock();
        }
    }

    /** The lines so far. */
    public List<String> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
        }
    }

    /** The lines so far as one text. */
    public String text() {
        return String.join("\n", lines());
    }

    /** Waits for a line that matches, or for the end of the stream; says whether there is one. */
    public boolean hasLine(Duration within, Predicate<String> matches) {
        return await(within, () -> lines.stream().filter(matches).findFirst()).isPresent();
    }

    /** The first line that matches, waited for; fails when the stream ends or {@code within} passes without one. */
    public String awaitLine(String what, Duration within, Predicate<String> matches) {
        Optional<String> line =
                await(within, () -> lines.stream().filter(matches).findFirst());
        return line.orElseThrow(
                () -> new AssertionError("No line that is " + what + " within " + within + " in " + this));
    }

    /** Waits until {@code count} lines match; fails when the stream ends or {@code within} passes before. */
    public void awaitLines(int count, Duration within, Predicate<String> matches) {
        Optional<Boolean> enough = await(
                within, () -> lines.stream().filter(matches).count() >= count ? Optional.of(true) : Optional.empty());
        if (enough.isEmpty()) {
            throw new AssertionError("Fewer than " + count + " lines within " + within + " in " + this);
        }
    }

    /** Waits until the process has closed the stream. */
    void awaitEnd(Duration within) {
        await(within, () -> ended ? Optional.of(true) : Optional.empty());
    }

    private <T> Optional<T> await(Duration within, LockedQuestion<T> question) {
        long nanos = within.toNanos();
        lock.lock();
        try {
            Optional<T> answer = question.ask();
            while (answer.isEmpty() && !ended && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
                answer = question.ask();
            }
            return answer;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + file, interrupted);
        } finally {
            lock.unlock();
        }
    }

    /** Asked with the lock held. */
    private interface LockedQuestion<T> {
        Optional<T> ask();
    }

    /** The file's name and its last lines. */
    @Override
    public String toString() {
        List<String> all = lines();
        List<String> last = all.subList(Math.max(0, all.size() - SHOWN_LINES), all.size());
        return file + ":\n  " + String.join("\n  ", last);
    }

    /** A new file for a process of this name, in the directory where all logs of a run lie. */
    static Path newLogFile(String name, String suffix) {
        try {
            return Files.createTempFile(Files.createDirectories(Directories.logs()), name + "-", suffix);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
