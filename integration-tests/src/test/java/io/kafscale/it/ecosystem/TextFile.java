package io.kafscale.it.ecosystem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file of lines to which one program appends while others read it. For one thread.
 *
 * @param directory where it is; exists already
 * @param name its name there
 */
record TextFile(Path directory, String name) {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int SHOWN_LINES = 20;

    /** Its whole path. */
    Path path() {
        return directory.resolve(name);
    }

    /** Appends lines at once. */
    void append(List<String> lines) {
        try {
            Files.write(path(), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The lines, of which the last may not be whole. */
    List<String> lines() {
        try {
            return Files.exists(path()) ? Files.readAllLines(path()) : List.of();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Waits until the lines are exactly {@code expected}. */
    void awaitLines(List<String> expected) {
        Instant deadline = Instant.now().plus(PATIENCE);
        try (WatchService changes = directory.getFileSystem().newWatchService()) {
            directory.register(changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            while (!lines().equals(expected)) {
                Duration left = Duration.between(Instant.now(), deadline);
                WatchKey changed = changes.poll(left.toMillis(), TimeUnit.MILLISECONDS);
                if (changed == null) {
                    throw new AssertionError("not the " + expected.size() + " expected lines, but " + this);
                }
                changed.pollEvents();
                changed.reset();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + path(), interrupted);
        }
    }

    /** Its path, how many lines it has, and the last ones. */
    @Override
    public String toString() {
        List<String> lines = lines();
        return path() + " of " + lines.size() + " lines, the last being "
                + lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size());
    }
}
