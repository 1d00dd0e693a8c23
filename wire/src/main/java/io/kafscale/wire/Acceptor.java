package io.kafscale.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Utils;

/** The thread that accepts connections, checks their number and hands them to the network threads in turn. */
final class Acceptor implements Runnable {
    /** How long to wait when the operating system gives no socket, such as without file descriptors left. */
    private static final long RETRY_MS = 100;

    private final ServerSocketChannel socket;
    private final ServerContext server;
    private final List<NetworkThread> threads;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private int next;

    Acceptor(ServerSocketChannel socket, ServerContext server, List<NetworkThread> threads) {
        this.socket = socket;
        this.server = server;
        this.threads = threads;
        this.thread = Thread.ofPlatform().name("kafka-acceptor").unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** Accepts no further connection; returns when the thread has ended. */
    void close() throws InterruptedException {
        closed.countDown();
        Utils.closeQuietly(socket, "server socket");
        thread.join();
    }

    @Override
    public void run() {
        try {
            while (closed.getCount() > 0) {
                accept();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept() throws InterruptedException {
        try {
            admit(socket.accept());
        } catch (ClosedChannelException e) {
            closed.countDown();
        } catch (IOException | RuntimeException e) {
            server.log().error("cannot accept connections", e);
            closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void admit(SocketChannel connection) {
        InetAddress address = connection.socket().getInetAddress();
        if (!server.quota().tryAcquire(address)) {
            server.log().info("refusing a connection from " + address + ": too many connections");
            server.listener().connectionRefused(address);
            Utils.closeQuietly(connection, "refused connection");
            return;
        }
        try {
            configure(connection);
        } catch (IOException e) {
            // The client hung up before it was served.
            Utils.closeQuietly(connection, "connection that failed at once");
            server.quota().release(address);
            return;
        }
        threads.get(next).adopt(connection, address);
        next = (next + 1) % threads.size();
    }

    private void configure(SocketChannel connection) throws IOException {
        connection.configureBlocking(false);
        connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
        connection.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        int sendBufferBytes = server.settings().connections().sendBufferBytes();
        if (sendBufferBytes > 0) {
            connection.setOption(StandardSocketOptions.SO_SNDBUF, sendBufferBytes);
        }
    }
}
