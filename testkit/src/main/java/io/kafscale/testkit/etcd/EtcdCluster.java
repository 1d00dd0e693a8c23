package io.kafscale.testkit.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** An etcd of some members on free loopback ports, with its data under a directory of the test. Not thread-safe. */
public final class EtcdCluster implements AutoCloseable {
    /** Below the ports that the system gives to outgoing connections, so that a member finds its port free when it is restarted. */
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 32_000;
    private static final int ATTEMPTS = 5;
    private static final Pattern MEMBER_ID = Pattern.compile("\"member_id\":\"(\\d+)\"");
    private static final Pattern LEADER_ID = Pattern.compile("\"leader\":\"(\\d+)\"");

    private final List<EtcdMember> members;

    private EtcdCluster(List<EtcdMember> members) {
        this.members = List.copyOf(members);
    }

    /** One member with etcd's defaults, ready when this returns. */
    public static EtcdCluster startSingle(Path directory) {
        return start(directory, 1, EtcdOptions.DEFAULTS);
    }

    /** A cluster of {@code size} members, ready when this returns. */
    public static EtcdCluster start(Path directory, int size, EtcdOptions options) {
        for (int attempt = 1; ; attempt++) {
            Path own = directory.toAbsolutePath().resolve("etcd-" + attempt);
            var cluster = new EtcdCluster(members(own, size, options));
            try {
                cluster.members.forEach(EtcdMember::launch);
                cluster.members.forEach(EtcdMember::awaitReady);
                return cluster;
            } catch (RuntimeException failed) {
                cluster.close();
                if (attempt == ATTEMPTS || !cluster.lostAPort()) {
                    throw failed;
                }
            }
        }
    }

    private static List<EtcdMember> members(Path directory, int size, EtcdOptions options) {
        List<Integer> ports = freePorts(2 * size);
        var peers = new ArrayList<String>();
        IntStream.range(0, size).forEach(i -> peers.add("n" + i + "=http://127.0.0.1:" + ports.get(size + i)));
        var members = new ArrayList<EtcdMember>();
        try {
            Files.createDirectories(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        for (int i = 0; i < size; i++) {
            String peer = "http://127.0.0.1:" + ports.get(size + i);
            members.add(new EtcdMember(
                    "n" + i,
                    directory,
                    ports.get(i),
                    options,
                    List.of(
                            "--listen-peer-urls=" + peer,
                            "--initial-advertise-peer-urls=" + peer,
                            "--initial-cluster=" + String.join(",", peers),
                            "--initial-cluster-state=new")));
        }
        return members;
    }

    private static List<Integer> freePorts(int count) {
        Set<Integer> free = new HashSet<>();
        while (free.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (var socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                free.add(port);
            } catch (IOException taken) {
                free.remove(port);
            }
        }
        var ports = new ArrayList<>(free);
        Collections.shuffle(ports);
        return ports;
    }

    /** Whether another process took a port between our look and the start. */
    private boolean lostAPort() {
        return members.stream().anyMatch(member -> {
            try {
                return Files.exists(member.log())
                        && Files.readString(member.log()).contains("address already in use");
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        });
    }

    /** The members, in the order of {@link #endpoints()}. */
    public List<EtcdMember> members() {
        return members;
    }

    /** The first member; the only one of a cluster of one. */
    public EtcdMember member() {
        return members.getFirst();
    }

    /** Where clients connect, one {@code host:port} for each member. */
    public List<String> endpoints() {
        return members.stream().map(EtcdMember::endpoint).toList();
    }

    /** The member that leads now, as the first one that answers knows. */
    public EtcdMember leader() {
        List<EtcdMember> alive = members.stream().filter(EtcdMember::isAlive).toList();
        String leader = find(LEADER_ID, alive.getFirst());
        return alive.stream()
                .filter(member -> find(MEMBER_ID, member).equals(leader))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no living member leads"));
    }

    private static String find(Pattern pattern, EtcdMember member) {
        String status = member.call("/v3/maintenance/status", "{}");
        Matcher found = pattern.matcher(status);
        if (!found.find()) {
            throw new IllegalStateException(member + " knows no leader: " + status);
        }
        return found.group(1);
    }

    /** Kills all members. The data stay and belong to the caller. */
    @Override
    public void close() {
        members.forEach(EtcdMember::close);
    }
}
