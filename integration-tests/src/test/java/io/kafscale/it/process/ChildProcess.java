package io.kafscale.it.process;

import io.kafscale.testkit.process.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A program that runs as a process of its own, with its output captured. It is killed when it is closed, and when this virtual
 * machine ends before. Thread-safe.
 */
public final class ChildProcess implements AutoCloseable {
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();
    private static final Duration OUTPUT_DRAIN = Duration.ofSeconds(5);

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly)));
    }

    private final String name;
    private final Process process;
    private final CapturedOutput output;
    private final CapturedOutput errors;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.output = CapturedOutput.capture(process.getInputStream(), CapturedOutput.newLogFile(name, ".out"));
        this.errors = CapturedOutput.capture(process.getErrorStream(), CapturedOutput.newLogFile(name, ".err"));
    }

    /** Starts {@code command}; {@code name} names its log files. */
    public static ChildProcess start(String name, List<String> command) {
        return start(name, command, Map.of());
    }

    /** Starts {@code command} with these environment variables besides the inherited ones. */
    public static ChildProcess start(String name, List<String> command, Map<String, String> environment) {
        var builder = new ProcessBuilder(command).directory(Directories.module().toFile());
        builder.environment().putAll(environment);
        try {
            Optional<Path> temporary = JavaProgram.temporaryOf(command);
            if (temporary.isPresent()) {
                // The same command may have run before, and its directory gone with that process.
                Files.createDirectories(temporary.get());
            }
            Process process = builder.start();
            ALIVE.add(process);
            process.onExit().thenAccept(ALIVE::remove);
            temporary.ifPresent(directory -> process.onExit().thenAccept(ended -> Directories.delete(directory)));
            return new ChildProcess(name, process);
        } catch (IOException failed) {
            throw new AssertionError(
                    command.getFirst() + " cannot be started. Is it installed? scripts/install-test-tools.sh installs"
                            + " everything that the tests need.",
                    failed);
        }
    }

    /** What it says on its standard output. */
    public CapturedOutput output() {
        return output;
    }

    /** What it says on its standard error. */
    public CapturedOutput errors() {
        return errors;
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Completes when it has ended. */
    public CompletableFuture<?> onExit() {
        return process.onExit();
    }

    /** Writes lines to its standard input. */
    public ChildProcess type(List<String> lines) {
        try {
            var input = process.getOutputStream();
            for (String line : lines) {
                input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
            input.flush();
        } catch (IOException failed) {
            throw new UncheckedIOException(this + " does not read", failed);
        }
        return this;
    }

    /** Ends its standard input. */
    public ChildProcess endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException failed) {
            throw new UncheckedIOException(this + " does not read", failed);
        }
        return this;
    }

    /** Waits for its end; fails, and kills it, when that does not come {@code within}. Returns the exit code. */
    public int awaitExit(Duration within) {
        try {
            if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
                throw new AssertionError("Still running after " + within + ": " + this);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + this, interrupted);
        }
        output.awaitEnd(OUTPUT_DRAIN);
        errors.awaitEnd(OUTPUT_DRAIN);
        return process.exitValue();
    }

    /** Waits for its end and fails unless that is a good one. */
    public ChildProcess awaitSuccess(Duration within) {
        int code = awaitExit(within);
        if (code != 0) {
            throw new AssertionError("Exit code " + code + " of " + this);
        }
        return this;
    }

    /** Asks it to end (SIGTERM) and waits for that. Returns the exit code. */
    public int terminate(Duration within) {
        process.toHandle().destroy(); // unlike the process itself this leaves open what it says in the end
        return awaitExit(within);
    }

    /** Stops it where it is (SIGSTOP): its connections stay open, and nothing is answered. */
    public void pause() {
        Signal.STOP.sendTo(pid());
    }

    /** Lets it go on after {@link #pause()}. */
    public void resume() {
        Signal.CONTINUE.sendTo(pid());
    }

    /** Asks it to end (SIGTERM) and does not wait. */
    public void askToEnd() {
        process.toHandle().destroy(); // unlike the process itself this leaves open what it says in the end
    }

    /** {@code kill -9}; returns when it is dead. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return "process " + process.pid() + " (" + name + ")\n" + output + "\n" + errors;
    }
}
