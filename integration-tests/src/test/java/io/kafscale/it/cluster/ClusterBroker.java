package io.kafscale.it.cluster;

import io.kafscale.it.broker.Storage;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.JavaProgram;
import io.kafscale.testkit.net.LoopbackPort;
import io.kafscale.testkit.net.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One broker of a {@link ClusterUnderTest}: a process that keeps its id and its port over restarts and reaches both stores through proxies of
 * its own. Not thread-safe, except {@link #kill()}.
 */
public final class ClusterBroker implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration END = Duration.ofSeconds(60);
    static final String MAIN_CLASS = "io.kafscale.app.Kafscale";
    private static final List<String> JVM = List.of("-Xmx640m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final int id;
    private final int port = LoopbackPort.free();
    private final TcpProxy metadataWay;
    private final TcpProxy storeWay;
    private final List<String> settings;
    private @Nullable ChildProcess process;

    /** A broker that is not started, of a cluster with these stores. {@code more} are settings of its own. */
    ClusterBroker(int id, int metadataPort, int storePort, String bucket, List<String> more) {
        this.id = id;
        this.metadataWay = TcpProxy.to(metadataPort);
        this.storeWay = TcpProxy.to(storePort);
        var all = new ArrayList<>(Storage.s3Settings("http://127.0.0.1:" + storeWay.port(), bucket));
        all.add("node.id=" + id);
        all.add("listen=" + address());
        all.add("metadata.uri=etcd://127.0.0.1:" + metadataWay.port());
        all.addAll(more);
        this.settings = List.copyOf(all);
    }

    /** Its id, as clients see it. */
    public int id() {
        return id;
    }

    /** The port that it listens on, over restarts. */
    public int port() {
        return port;
    }

    /** {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Its way to the metadata store. */
    public TcpProxy metadataWay() {
        return metadataWay;
    }

    /** Its way to the object store. */
    public TcpProxy storeWay() {
        return storeWay;
    }

    /** Starts it; returns when it is ready. */
    public void start() {
        launch();
        awaitReady();
    }

    /** Starts it and waits for nothing. */
    public void launch() {
        if (isAlive()) {
            throw new IllegalStateException(this + " is running already");
        }
        var arguments = new ArrayList<>(List.of("broker"));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        List<String> command = JavaProgram.of("kafscale", JVM).command(MAIN_CLASS, arguments);
        process = ChildProcess.start("broker-" + id, command, Storage.s3Credentials());
    }

    /** Waits until it says that it is ready; fails if it ends instead. */
    public void awaitReady() {
        running().output().awaitLine("the word of " + this + " that it is ready", START, ClusterBroker::saysReady);
    }

    /** Waits until it says that it is ready or ends; says whether it is ready. */
    public boolean isReadyOrEnds() {
        return running().output().hasLine(START, ClusterBroker::saysReady);
    }

    private static boolean saysReady(String line) {
        return line.endsWith(" is ready.");
    }

    /** Whether there is a process. */
    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** {@code kill -9}; returns when it is dead. */
    public void kill() {
        running().kill();
    }

    /** SIGSTOP. */
    public void pause() {
        running().pause();
    }

    /** SIGCONT. */
    public void resume() {
        running().resume();
    }

    /** SIGTERM; returns when it has ended, and its exit code. */
    public int stop() {
        return running().terminate(END);
    }

    /** SIGTERM; does not wait. */
    public void askToEnd() {
        running().askToEnd();
    }

    /** Waits for its end; returns the exit code. */
    public int awaitEnd() {
        return running().awaitExit(END);
    }

    /** The process, or the last one. */
    public ChildProcess running() {
        ChildProcess present = process;
        if (present == null) {
            throw new IllegalStateException(this + " was never started");
        }
        return present;
    }

    @Override
    public void close() {
        if (process != null) {
            process.kill();
        }
        metadataWay.close();
        storeWay.close();
    }

    @Override
    public String toString() {
        return "broker " + id;
    }
}
