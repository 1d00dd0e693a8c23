package io.kafscale.wire;

import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.network.ServerConnectionId;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

/**
 * One thread that serves a share of the connections: it sleeps in its selector until a socket is ready or another thread
 * has posted to its mailbox, an accepted connection, an answer, a grant of memory.
 */
final class NetworkThread implements Runnable {
    /** How often Kafka's selector has to be polled for its own timers: idle connections, delayed closes. */
    private static final long SELECTOR_TIMER_MS = 300;

    private final int index;
    private final Time time;
    private final ThrottledLog log;
    private final long maxPollMs;
    private final Thread thread;
    private final ConnectionTable connections;
    private final ConcurrentLinkedQueue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private int nextConnection;
    private @Nullable Long drainDeadlineNanos;
    private volatile boolean ended;

    NetworkThread(ServerContext server, SelectorFactory selectors, int index) {
        this.index = index;
        this.time = server.time();
        this.log = server.log();
        this.maxPollMs = Math.min(
                SELECTOR_TIMER_MS, 1 + server.settings().connections().maxIdle().toMillis() / 2);
        this.connections = new ConnectionTable(server, selectors, index, this::post);
        this.thread = Thread.ofPlatform().name("kafka-network-" + index).unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** Takes over an accepted connection, whose quota is taken already. Any thread. */
    void adopt(SocketChannel socket, InetAddress address) {
        post(() -> {
            nextConnection = nextConnection == Integer.MAX_VALUE ? 0 : nextConnection + 1;
            String id = ServerConnectionId.generateConnectionId(socket.socket(), index, nextConnection);
            connections.open(id, socket, address);
        });
    }

    /** Lets requests in flight finish until the deadline, then ends the thread. Any thread. */
    void close(long deadlineNanos) {
        post(() -> {
            if (drainDeadlineNanos == null || deadlineNanos - drainDeadlineNanos < 0) {
                drainDeadlineNanos = deadlineNanos;
            }
            connections.drain();
        });
    }

    /** Waits until the thread has ended. */
    void join() throws InterruptedException {
        thread.join();
    }

    /** Closes a thread that was never started. */
    void discard() {
        connections.close();
        ended = true;
    }

    @Override
    public void run() {
        try {
            while (!isDrained()) {
                turn();
            }
        } finally {
            connections.close();
            ended = true;
            runLeftovers();
        }
    }

    private void turn() {
        try {
            woken.set(false);
            for (Runnable task = mailbox.poll(); task != null; task = mailbox.poll()) {
                task.run();
            }
            connections.sendAnswers();
            long now = time.nanoseconds();
            connections.runTimers(now);
            connections.poll(timeoutMs(now));
        } catch (Throwable t) {
            // Nobody's in particular; going on is better for the other connections than ending the thread.
            log.error("network thread goes on after a failure", t);
        }
    }

    private long timeoutMs(long nowNanos) {
        if (!mailbox.isEmpty() || isDrained()) {
            return 0;
        }
        long nanos = connections.nanosToNextTimer(nowNanos);
        if (drainDeadlineNanos != null) {
            nanos = Math.min(nanos, Math.max(0, drainDeadlineNanos - nowNanos));
        }
        long roundedUp = TimeUnit.NANOSECONDS.toMillis(nanos) + (nanos % 1_000_000 == 0 ? 0 : 1);
        return Math.min(maxPollMs, roundedUp);
    }

    private boolean isDrained() {
        return drainDeadlineNanos != null && (connections.isEmpty() || time.nanoseconds() - drainDeadlineNanos >= 0);
    }

    private void post(Runnable task) {
        mailbox.add(task);
        if (ended) {
            runLeftovers();
        } else if (!Thread.currentThread().equals(thread) && woken.compareAndSet(false, true)) {
            connections.wakeup();
        }
    }

    /** What is posted after the end is run by whoever posts it: sockets to close, holds to release. */
    private synchronized void runLeftovers() {
        for (Runnable task = mailbox.poll(); task != null; task = mailbox.poll()) {
            task.run();
        }
    }
}
