package io.kafscale.testkit.etcd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One etcd process. It keeps ports and data when it is killed and started again. Not thread-safe. */
public final class EtcdMember implements AutoCloseable {
    private static final int START_SECONDS = 60;
    private static final Duration CALL_LIMIT = Duration.ofSeconds(20);
    private static final String READY = "serving client traffic";

    private final String name;
    private final Path directory;
    private final int clientPort;
    private final EtcdOptions options;
    private final List<String> command;
    private @Nullable Process process;
    private CompletableFuture<Void> ready = new CompletableFuture<>();

    EtcdMember(String name, Path directory, int clientPort, EtcdOptions options, List<String> clusterArguments) {
        this.name = name;
        this.directory = directory;
        this.clientPort = clientPort;
        this.options = options;
        this.command = command(clusterArguments);
    }

    private List<String> command(List<String> clusterArguments) {
        var all = new ArrayList<String>();
        all.add(System.getProperty("kafscale.etcd", "etcd"));
        all.add("--name=" + name);
        all.add("--data-dir=" + directory.resolve(name));
        all.add("--listen-client-urls=" + url());
        all.add("--advertise-client-urls=" + url());
        all.add("--logger=zap");
        all.addAll(clusterArguments);
        all.addAll(options.arguments());
        return all;
    }

    /** Where clients connect, as {@code host:port}. */
    public String endpoint() {
        return "127.0.0.1:" + clientPort;
    }

    /** The port clients connect to. */
    public int port() {
        return clientPort;
    }

    private URI url() {
        return URI.create((options.tls() ? "https://" : "http://") + endpoint());
    }

    /** Starts the process, again after {@link #kill()}, and returns when it serves clients: when it is in touch with a majority. */
    public void start() {
        launch();
        awaitReady();
    }

    /** Starts the process and does not wait. */
    void launch() {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException(name + " is running already, process " + process.pid());
        }
        try {
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            process = started;
            ready = new CompletableFuture<>();
            CompletableFuture<Void> signal = ready;
            Thread.ofVirtual().name("log of " + name).start(() -> follow(started.inputReader(), signal));
        } catch (IOException absent) {
            throw new UncheckedIOException("etcd cannot be started; `make test-tools` installs it", absent);
        }
    }

    private void follow(BufferedReader output, CompletableFuture<Void> signal) {
        try (output;
                Writer log = Files.newBufferedWriter(log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                log.append(line).append('\n').flush();
                if (line.contains(READY)) {
                    signal.complete(null);
                }
            }
        } catch (IOException closed) {
            signal.completeExceptionally(closed);
        }
        signal.completeExceptionally(new IllegalStateException(name + " has ended: see " + log()));
    }

    /** Returns when it serves clients. */
    void awaitReady() {
        try {
            ready.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            kill();
            throw new IllegalStateException(name + " did not become ready: see " + log(), failed);
        } catch (InterruptedException interrupted) {
            kill();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was starting", interrupted);
        }
    }

    /** What it said. */
    public Path log() {
        return directory.resolve(name + ".log");
    }

    /** Stops the process where it is, as SIGSTOP does: connections stay open and nothing is answered. */
    public void pause() {
        signal("-STOP");
    }

    /** Lets a paused process go on. */
    public void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        try {
            int code = new ProcessBuilder(
                            "kill", signal, Long.toString(running().pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill " + signal + " of " + name + " ended with " + code);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return process;
    }

    /** Kills the process as {@code kill -9} does and waits until it is gone. The data stay. */
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

    /** Whether the process is there. */
    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /**
     * Calls etcd's JSON interface, which does what an administrator does with etcdctl. For members without TLS.
     *
     * @param path such as {@code /v3/kv/compaction}
     * @return the answer's body
     * @throws IllegalStateException if etcd answers with an error
     */
    public String call(String path, String json) {
        return call(path, json, "");
    }

    /** The same as the user that {@code token} belongs to. */
    public String call(String path, String json, String token) {
        var request = HttpRequest.newBuilder(url().resolve(path))
                .timeout(CALL_LIMIT)
                .POST(HttpRequest.BodyPublishers.ofString(json));
        if (!token.isEmpty()) {
            request.header("Authorization", token);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(
                        path + " of " + name + " answers " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (IOException failed) {
            throw new UncheckedIOException(name + " does not answer", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** Kills it. */
    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return name + " at " + endpoint();
    }
}
