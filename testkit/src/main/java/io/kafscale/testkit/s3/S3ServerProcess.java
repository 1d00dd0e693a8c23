package io.kafscale.testkit.s3;

import io.kafscale.testkit.net.LoopbackPort;
import io.kafscale.testkit.process.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * s3proxy as a process of its own over a directory, with one bucket: it can be killed and started again on the same port with the
 * same objects. Not thread-safe. Needs path-style addressing; the keys are those of {@link S3ProxyServer}.
 */
public final class S3ServerProcess implements AutoCloseable {
    private static final int START_SECONDS = 60;

    private final Path directory;
    private final String bucket;
    private final int port = LoopbackPort.free();
    private @Nullable Process process;

    private S3ServerProcess(Path directory, String bucket) {
        this.directory = directory;
        this.bucket = bucket;
    }

    /** A server that keeps {@code bucket} in {@code directory}, listening when this returns. */
    public static S3ServerProcess start(Path directory, String bucket) throws IOException {
        Files.createDirectories(directory.resolve("objects").resolve(bucket));
        var server = new S3ServerProcess(directory.toAbsolutePath(), bucket);
        server.start();
        return server;
    }

    /** Starts it again after {@link #kill()}, on the same port. */
    public void start() throws IOException {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException("the S3 server is running already, process " + process.pid());
        }
        Process started = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        S3ServerMain.class.getName(),
                        directory.resolve("objects").toString(),
                        Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("server.log").toFile()))
                .start();
        process = started;
        awaitReady(started);
    }

    private void awaitReady(Process started) {
        BufferedReader output = started.inputReader();
        var ready = CompletableFuture.supplyAsync(() -> saysReady(output));
        try {
            if (!ready.get(START_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(notReady());
            }
        } catch (ExecutionException | TimeoutException failed) {
            started.destroyForcibly();
            throw new IllegalStateException(notReady(), failed);
        } catch (InterruptedException interrupted) {
            started.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the S3 server was starting", interrupted);
        }
    }

    private static boolean saysReady(BufferedReader output) {
        try {
            String line = output.readLine();
            while (line != null && !line.startsWith("ready ")) {
                line = output.readLine();
            }
            return line != null;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private String notReady() {
        return "the S3 server did not become ready: see " + directory.resolve("server.log");
    }

    /** Stops the process where it is, as SIGSTOP does: connections stay open and nothing is answered. */
    public void pause() {
        Signal.STOP.sendTo(pid());
    }

    /** Lets a paused process go on. */
    public void resume() {
        Signal.CONTINUE.sendTo(pid());
    }

    /** Kills the process as {@code kill -9} does and waits until it is gone. The objects stay. */
    public void kill() {
        if (process == null) {
            return;
        }
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where it listens; stays the same over restarts. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** The bucket it was started with. */
    public String bucket() {
        return bucket;
    }

    /** Its process id. */
    public long pid() {
        if (process == null) {
            throw new IllegalStateException("the S3 server was never started");
        }
        return process.pid();
    }

    /** Kills it; the directory stays and belongs to the caller. */
    @Override
    public void close() {
        kill();
    }
}
