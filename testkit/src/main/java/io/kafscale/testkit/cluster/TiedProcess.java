package io.kafscale.testkit.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A child process that ends with this one, in good order: what it runs under stops it by SIGTERM when our end of a pipe closes, which
 * even {@code kill -9} does. What it says goes to a file. Thread-safe.
 */
final class TiedProcess {
    /** Stands between us and the program: waits for the end of its input, and keeps Ctrl-C of a terminal away from the program. */
    private static final String KEEPER = """
            trap '' INT HUP
            if command -v setsid >/dev/null 2>&1; then
                setsid "$@" </dev/null 3<&- &
            else
                "$@" </dev/null 3<&- &
            fi
            child=$!
            trap 'kill -TERM "$child" 2>/dev/null' TERM
            { while read -r _; do :; done; kill -TERM "$child" 2>/dev/null; } <&3 &
            reader=$!
            exec 3<&-
            wait "$child"
            code=$?
            if kill -0 "$child" 2>/dev/null; then wait "$child"; code=$?; fi # a signal had interrupted us
            kill "$reader" 2>/dev/null
            exit "$code"
            """;

    private final String name;
    private final Process process;
    private final Path log;
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private TiedProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a program.
     *
     * @param readyWord a line that contains it says that the program is ready
     * @throws IOException if it cannot be started
     */
    static TiedProcess start(
            String name, List<String> command, Map<String, String> environment, Path log, String readyWord)
            throws IOException {
        var line = new ArrayList<>(List.of("/bin/sh", "-c", "exec 3<&0; " + KEEPER, name));
        line.addAll(command);
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Files.deleteIfExists(log);
        var started = new TiedProcess(name, builder.start(), log);
        Thread.ofPlatform().name("output of " + name).daemon().start(() -> started.follow(readyWord));
        return started;
    }

    private void follow(String readyWord) {
        try (BufferedReader output = process.inputReader();
                Writer copy = Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                copy.append(line).append('\n').flush();
                if (line.contains(readyWord)) {
                    ready.complete(line);
                }
            }
        } catch (IOException closed) {
            ready.completeExceptionally(closed);
        }
        ready.completeExceptionally(new IllegalStateException(name + " has ended"));
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    /** Waits until it is ready; throws if it ends before or takes longer than {@code limit}. */
    void awaitReady(Duration limit) throws InterruptedException {
        try {
            ready.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException(name + " did not start; it says:\n" + lastWords(), failed);
        }
    }

    private String lastWords() {
        try (var lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - 10), all.size())) + "\n(" + log + ")";
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The program itself, as it would be without us. */
    ProcessHandle program() {
        return process.children()
                .filter(child -> child.info()
                        .command()
                        .filter(command -> !command.endsWith("sh"))
                        .isPresent())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " does not run"));
    }

    /** Completes with the exit code when it has ended. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** Asks it to stop. */
    void askToStop() {
        try {
            process.getOutputStream().close();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** Waits until it has ended after {@link #askToStop()}; kills it, and whatever it started, when {@code limit} is over. */
    void awaitEnd(Duration limit) {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException late) {
            System.err.println(name + " does not stop and is killed: " + late);
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
