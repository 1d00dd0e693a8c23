package io.kafscale.app.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that accepts connections and never says a word, and can be killed and stopped. */
final class ListeningProcess implements AutoCloseable {
    private final Process process;
    private final int port;

    private ListeningProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** The program of the process; ends with its input. */
    static final class Program {
        private Program() {}

        /** Entry point; the argument is the port, 0 for any. */
        public static void main(String[] arguments) throws IOException {
            var server = new ServerSocket(Integer.parseInt(arguments[0]), 50, InetAddress.getLoopbackAddress());
            System.out.write((server.getLocalPort() + "\n").getBytes(StandardCharsets.US_ASCII));
            System.out.flush();
            Thread.ofPlatform().daemon().start(() -> accept(server));
            while (System.in.read() >= 0) {
                // Only its end is of interest.
            }
            Runtime.getRuntime().halt(0);
        }

        private static void accept(ServerSocket server) {
            List<Socket> open = new ArrayList<>();
            try {
                while (true) {
                    open.add(server.accept());
                }
            } catch (IOException ended) {
                throw new IllegalStateException("accepted " + open.size(), ended);
            }
        }
    }

    static ListeningProcess start() throws IOException {
        return start(0);
    }

    static ListeningProcess start(int port) throws IOException {
        Process started = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.US_ASCII));
        String line = output.readLine();
        if (line == null) {
            throw new IOException("the process did not start to listen");
        }
        return new ListeningProcess(started, Integer.parseInt(line));
    }

    int port() {
        return port;
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Lets it stand still: the kernel goes on accepting for it. */
    void stop() throws IOException, InterruptedException {
        signal("-STOP");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process sent = new ProcessBuilder("kill", name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (!sent.waitFor(10, TimeUnit.SECONDS) || sent.exitValue() != 0) {
            throw new IOException("the signal was not sent");
        }
    }

    @Override
    public void close() {
        kill();
    }
}
