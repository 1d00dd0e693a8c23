package io.kafscale.it.cluster;

import io.kafscale.it.broker.Storage;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.Directories;
import io.kafscale.it.process.JavaProgram;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdMember;
import io.kafscale.testkit.net.TcpProxy;
import io.kafscale.testkit.s3.S3ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Brokers, an etcd of one member and an S3 server, each a process of its own on loopback, with fresh data. Not thread-safe. */
public final class ClusterUnderTest implements AutoCloseable {
    private static final int MOST_STARTS = 3;
    private static final String BUCKET = "kafscale-cluster";
    private static final Duration COMMAND = Duration.ofMinutes(2);
    private static final List<String> SETTINGS = List.of("group.initial.rebalance.delay.ms=200");

    private final Path directory = Directories.newData("cluster");
    private final List<String> settings;
    private final EtcdCluster etcd;
    private final S3ServerProcess store;
    private final Map<Integer, ClusterBroker> brokers = new TreeMap<>();

    private ClusterUnderTest(List<String> settings) {
        this.settings = settings;
        this.etcd = EtcdCluster.startSingle(directory.resolve("etcd"));
        try {
            this.store = S3ServerProcess.start(directory.resolve("s3"), BUCKET);
        } catch (IOException failed) {
            etcd.close();
            throw new UncheckedIOException(failed);
        }
    }

    /** A cluster of this many brokers with ids from 1 on, all ready. */
    public static ClusterUnderTest start(int brokers) {
        return start(brokers, SETTINGS);
    }

    /** The same; each broker with these settings besides what it needs to know. */
    public static ClusterUnderTest start(int brokers, List<String> settings) {
        var cluster = new ClusterUnderTest(List.copyOf(settings));
        try {
            for (int id = 1; id <= brokers; id++) {
                cluster.add(id).launch();
            }
            cluster.brokers.values().forEach(ClusterUnderTest::awaitReady);
            return cluster;
        } catch (RuntimeException | AssertionError failed) {
            cluster.close();
            throw failed;
        }
    }

    /** A broker ends if a store does not answer it in time, as on a machine that is too busy; whoever runs brokers starts it again. */
    private static void awaitReady(ClusterBroker broker) {
        for (int starts = 1; starts < MOST_STARTS && !broker.isReadyOrEnds(); starts++) {
            broker.launch();
        }
        broker.awaitReady();
    }

    /** One more broker, which is not started. */
    public ClusterBroker add(int id) {
        var broker = new ClusterBroker(id, etcd().port(), store.endpoint().getPort(), BUCKET, settings);
        brokers.put(id, broker);
        return broker;
    }

    /** The broker of this id. */
    public ClusterBroker broker(int id) {
        ClusterBroker broker = brokers.get(id);
        if (broker == null) {
            throw new IllegalArgumentException("there is no broker " + id);
        }
        return broker;
    }

    /** All brokers, running or not. */
    public Collection<ClusterBroker> brokers() {
        return List.copyOf(brokers.values());
    }

    /** What clients are told: all addresses. */
    public String bootstrapServers() {
        return brokers.values().stream().map(ClusterBroker::address).collect(Collectors.joining(","));
    }

    /** The metadata store. */
    public EtcdMember etcd() {
        return etcd.members().getFirst();
    }

    /** The object store. */
    public S3ServerProcess store() {
        return store;
    }

    /** Runs a command of the program against this cluster, to its successful end, and returns what it printed. */
    public List<String> command(String... words) {
        try (ChildProcess process = startCommand(words)) {
            return process.awaitSuccess(COMMAND).output().lines();
        }
    }

    /** Runs a command that may fail, and returns its exit code. */
    public int exitCodeOf(String... words) {
        try (ChildProcess process = startCommand(words)) {
            return process.awaitExit(COMMAND);
        }
    }

    private ChildProcess startCommand(String... words) {
        var all = new ArrayList<>(List.of(words));
        var stores = new ArrayList<>(Storage.s3Settings(store.endpoint(), BUCKET));
        stores.add("metadata.uri=etcd://" + etcd().endpoint());
        stores.forEach(setting -> all.addAll(List.of("--set", setting)));
        List<String> command = JavaProgram.shortLived("kafscale").command(ClusterBroker.MAIN_CLASS, all);
        return ChildProcess.start(
                        String.join("-", List.of(words).subList(0, Math.min(2, words.length))),
                        command,
                        Storage.s3Credentials())
                .endInput();
    }

    /** The bytes of all objects in the object store. */
    public long storedBytes() {
        try (Stream<Path> files = Files.walk(directory.resolve("s3/objects").resolve(BUCKET))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(ClusterUnderTest::size)
                    .sum();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Does something to each broker's way to the metadata store. */
    public void metadataWays(Consumer<TcpProxy> action) {
        brokers.values().forEach(broker -> action.accept(broker.metadataWay()));
    }

    /** Does something to each broker's way to the object store. */
    public void storeWays(Consumer<TcpProxy> action) {
        brokers.values().forEach(broker -> action.accept(broker.storeWay()));
    }

    @Override
    public void close() {
        brokers.values().forEach(ClusterBroker::close);
        etcd.close();
        store.close();
        Directories.delete(directory);
    }
}
