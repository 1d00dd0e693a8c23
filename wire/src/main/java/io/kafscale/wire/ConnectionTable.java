package io.kafscale.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.network.ChannelState;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.NetworkSend;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one network thread: opens and closes them, polls their sockets, and decides which are read. Used by
 * that thread only; grants of memory by other threads come through the mailbox.
 *
 * <p>A connection stays readable while requests are in flight and is muted only for a {@link Connection.Pause}.
 */
final class ConnectionTable {
    /** A request has this part of its time to begin with, whatever it does with it. */
    private static final int LAGGARD_GRACE = 12;

    private record Wakeup(long atNanos, Connection connection) {}

    private final ServerContext server;
    private final Selector selector;
    private final Executor mailbox;
    private final RequestPipeline pipeline;
    private final Map<String, Connection> connections = new HashMap<>();
    private final List<Connection> refusedMemory = new ArrayList<>();
    private final LinkedHashSet<Connection> receiving = new LinkedHashSet<>();
    private final PriorityQueue<Wakeup> throttled = new PriorityQueue<>((a, b) -> Long.signum(a.atNanos - b.atNanos));
    private boolean draining;
    private boolean pollAtOnce;

    /**
     * A table without connections.
     *
     * @param mailbox runs tasks on the network thread
     */
    ConnectionTable(ServerContext server, SelectorFactory selectors, int index, Executor mailbox) {
        this.server = server;
        this.mailbox = mailbox;
        this.selector = selectors.create(index, this::memoryOf);
        this.pipeline = new RequestPipeline(server, this, selector, mailbox);
    }

    /** Ends a poll that is under way, or the next one. Any thread. */
    void wakeup() {
        selector.wakeup();
    }

    /** Reads and writes what can be, waiting for at most the given time, and handles what came of it. */
    void poll(long timeoutMs) {
        long timeout = pollAtOnce ? 0 : timeoutMs;
        pollAtOnce = false;
        try {
            selector.poll(timeout);
        } catch (Throwable t) {
            // As in Kafka: what the poll did get done is handled below, the rest is tried again.
            server.log().error("network poll failed", t);
        }
        refusedMemory.forEach(connection -> pause(connection, Connection.Pause.MEMORY));
        refusedMemory.clear();
        selector.completedReceives().forEach(this::received);
        selector.clearCompletedReceives();
        selector.completedSends().forEach(this::sent);
        selector.clearCompletedSends();
        selector.disconnected().forEach(this::disconnected);
    }

    private void received(NetworkReceive receive) {
        Connection connection = connections.get(receive.source());
        KafkaChannel channel = channel(receive.source());
        if (connection == null || channel == null) {
            return; // closed since; its memory goes back with the connection
        }
        receiving.remove(connection);
        if (selector.channel(connection.id) == null) {
            pollAtOnce = true; // closed by the client: the selector gives what it had sent, one request a poll
        }
        pipeline.received(connection, channel, receive);
    }

    /** Sends the answers that have come since the last call. */
    void sendAnswers() {
        pipeline.sendAnswers();
    }

    private void sent(NetworkSend send) {
        Connection connection = connections.get(send.destinationId());
        if (connection != null) {
            pipeline.sent(connection);
        }
    }

    private void disconnected(String id, ChannelState state) {
        if (state.state() == ChannelState.State.EXPIRED) {
            pollAtOnce = true; // the selector closes one idle connection a poll: there may be more
        }
        Connection connection = connections.get(id);
        if (connection != null) {
            forget(connection);
        }
    }

    // ---- opening and closing

    /** Takes over an accepted connection, whose quota is taken already. */
    void open(String id, SocketChannel socket, InetAddress address) {
        if (draining) {
            Utils.closeQuietly(socket, "connection accepted while closing");
            server.quota().release(address);
            return;
        }
        var events = new MemoryEvents();
        var memory = new ConnectionMemory(server.memory(), events);
        var connection = new Connection(id, address, memory, server.settings().requests());
        events.connection = connection;
        connections.put(id, connection);
        server.listener().connectionOpened(id);
        try {
            selector.register(id, socket);
        } catch (IOException | RuntimeException e) {
            server.log().error("cannot serve connection " + id, e);
            Utils.closeQuietly(socket, "connection that cannot be served");
            forget(connection);
        }
    }

    boolean isEmpty() {
        return connections.isEmpty();
    }

    /** Whether connections are to be closed as soon as their requests are answered. */
    boolean isDraining() {
        return draining;
    }

    /** Reads no further request, and closes each connection as soon as those it sent are answered. */
    void drain() {
        draining = true;
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.isQuiet() || !selector.isChannelReady(connection.id)) {
                close(connection);
            } else {
                pause(connection, Connection.Pause.DRAINING);
            }
        }
    }

    /** Closes all connections, and the selector. */
    void close() {
        draining = true;
        List.copyOf(connections.values()).forEach(this::close);
        selector.close();
    }

    void close(Connection connection) {
        selector.close(connection.id);
        forget(connection);
    }

    /** Closes a connection because of what its client did. */
    void reject(Connection connection, String reason) {
        server.log().info("closing connection " + connection + ": " + reason);
        server.listener().connectionRejected(connection.id, reason);
        close(connection);
    }

    /** Closes a connection because of a failure that should not have been; the others go on. */
    void fail(Connection connection, Throwable failure) {
        server.log().error("closing connection " + connection, failure);
        close(connection);
    }

    /** The socket is closed: gives back what the connection held. Requests still at the handler follow when answered. */
    private void forget(Connection connection) {
        if (connections.remove(connection.id) == null) {
            return;
        }
        connection.closed = true;
        receiving.remove(connection);
        connection.memory.close();
        for (InFlightRequest request : connection.requests()) {
            if (request.isReady()) {
                request.finish();
            }
        }
        server.quota().release(connection.address);
        server.listener().connectionClosed(connection.id);
    }

    // ---- reading on and off

    void pause(Connection connection, Connection.Pause reason) {
        boolean wasRead = connection.pauses.isEmpty();
        if (!connection.closed && connection.pauses.add(reason)) {
            server.listener().readingPaused(connection.id, reason.name());
            if (wasRead) {
                withChannel(connection, selector::mute);
            }
        }
    }

    void resume(Connection connection, Connection.Pause reason) {
        boolean lastReason = connection.pauses.remove(reason) && connection.pauses.isEmpty();
        if (lastReason && !connection.closed) {
            withChannel(connection, selector::unmute);
        }
    }

    /** Mutes or unmutes; a connection that cannot be switched would hang or flood, so it is closed. */
    private void withChannel(Connection connection, Consumer<String> muting) {
        try {
            if (channel(connection.id) != null) {
                muting.accept(connection.id);
            }
        } catch (RuntimeException e) {
            fail(connection, e);
        }
    }

    /** Does not read a connection for some time. */
    void throttle(Connection connection, int throttleMs) {
        if (throttleMs > 0) {
            long until = server.time().nanoseconds() + TimeUnit.MILLISECONDS.toNanos(throttleMs);
            boolean throttledAlready = connection.pauses.contains(Connection.Pause.THROTTLED);
            if (!throttledAlready || until - connection.throttledUntilNanos > 0) {
                connection.throttledUntilNanos = until;
                throttled.add(new Wakeup(until, connection));
            }
            pause(connection, Connection.Pause.THROTTLED);
        }
    }

    /** The next poll must not wait: the selector has something to report. */
    void pollAtOnce() {
        pollAtOnce = true;
    }

    /** Nanoseconds until {@link #runTimers} has something to do; large if nothing is due. */
    long nanosToNextTimer(long nowNanos) {
        Wakeup next = throttled.peek();
        return next == null ? Long.MAX_VALUE : Math.max(0, next.atNanos - nowNanos);
    }

    /** Ends throttling that is over, and connections that deliver a request too slowly. */
    void runTimers(long nowNanos) {
        for (Wakeup next = throttled.peek(); next != null && next.atNanos - nowNanos <= 0; next = throttled.peek()) {
            throttled.remove();
            if (next.connection.throttledUntilNanos - nowNanos <= 0) {
                resume(next.connection, Connection.Pause.THROTTLED);
            }
        }
        long timeoutNanos = server.settings().requests().receiveTimeout().toNanos();
        while (!receiving.isEmpty() && nowNanos - receiving.getFirst().receiveStartedNanos >= timeoutNanos) {
            reject(
                    receiving.getFirst(),
                    "a request took longer to arrive than " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
        }
        if (!receiving.isEmpty() && server.memory().isWaitedFor()) {
            rejectLaggards(nowNanos, timeoutNanos);
        }
    }

    /**
     * While others wait for memory, a request has to arrive at the pace at which it would be there in time: whoever announces much
     * and sends little keeps everybody from producing.
     */
    private void rejectLaggards(long nowNanos, long timeoutNanos) {
        for (Connection connection : List.copyOf(receiving)) {
            long tookNanos = nowNanos - connection.receiveStartedNanos;
            boolean lags = tookNanos >= timeoutNanos / LAGGARD_GRACE
                    && connection.memory.arrivedShare() < (double) tookNanos / timeoutNanos;
            if (lags) {
                reject(connection, "a request arrives so slowly that others wait for the memory it holds");
            }
        }
    }

    private @Nullable KafkaChannel channel(String id) {
        KafkaChannel open = selector.channel(id);
        return open != null ? open : selector.closingChannel(id);
    }

    private MemoryPool memoryOf(String id) {
        return Objects.requireNonNull(connections.get(id), id).memory;
    }

    private final class MemoryEvents implements ConnectionMemory.Events {
        private @Nullable Connection connection;

        @Override
        public void memoryRefused() {
            refusedMemory.add(Objects.requireNonNull(connection));
        }

        @Override
        public void memoryGranted() {
            Connection waiting = Objects.requireNonNull(connection);
            mailbox.execute(() -> resume(waiting, Connection.Pause.MEMORY));
        }

        @Override
        public void receiveStarted() {
            Connection receiver = Objects.requireNonNull(connection);
            receiver.receiveStartedNanos = server.time().nanoseconds();
            receiving.add(receiver);
        }
    }
}
