package io.kafscale.testkit.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Passes bytes between clients and one server on loopback, and fails as networks do: holds requests or answers back, and cuts. Bytes
 * that are held back go on when they are let go; those of a connection that was cut are lost. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Socket> sockets = new HashSet<>();
    private boolean requestsHeld;
    private boolean answersHeld;
    private boolean cut;
    private boolean closed;

    private TcpProxy(int serverPort) throws IOException {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** A proxy on a port of its own before the server at {@code serverPort}. */
    public static TcpProxy to(int serverPort) {
        try {
            var proxy = new TcpProxy(serverPort);
            Thread.ofVirtual().name("proxy " + proxy.port()).start(proxy::accept);
            return proxy;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Where clients connect. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Whether what clients send is held back. */
    public void holdRequests(boolean held) {
        change(() -> requestsHeld = held);
    }

    /** Whether what the server sends is held back. */
    public void holdAnswers(boolean held) {
        change(() -> answersHeld = held);
    }

    /** Closes all connections, with what is held back lost, and those that come, until {@link #heal()}. */
    public void cut() {
        change(() -> {
            cut = true;
            sockets.forEach(TcpProxy::closeQuietly);
            sockets.clear();
        });
    }

    /** Passes everything on from now on. */
    public void heal() {
        change(() -> {
            cut = false;
            requestsHeld = false;
            answersHeld = false;
        });
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException ended) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        var upstream = new Socket();
        if (!register(client, upstream)) {
            closeQuietly(client);
            return;
        }
        try {
            upstream.connect(server);
        } catch (IOException refused) {
            end(client, upstream);
            return;
        }
        Thread.ofVirtual().start(() -> pass(client, upstream, true));
        pass(upstream, client, false);
    }

    private boolean register(Socket client, Socket upstream) {
        lock.lock();
        try {
            if (cut || closed) {
                return false;
            }
            sockets.add(client);
            sockets.add(upstream);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void pass(Socket from, Socket to, boolean requests) {
        byte[] chunk = new byte[CHUNK];
        try {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            for (int read = input.read(chunk); read >= 0; read = input.read(chunk)) {
                if (!mayPass(requests, from)) {
                    return;
                }
                output.write(chunk, 0, read);
            }
        } catch (IOException broken) {
            // One side is gone: so goes the other.
            return;
        } finally {
            end(from, to);
        }
    }

    /** Waits while this direction is held; false if the connection is no more. */
    private boolean mayPass(boolean requests, Socket of) {
        lock.lock();
        try {
            while (sockets.contains(of) && (requests ? requestsHeld : answersHeld)) {
                changed.awaitUninterruptibly();
            }
            return sockets.contains(of);
        } finally {
            lock.unlock();
        }
    }

    private void end(Socket one, Socket other) {
        change(() -> {
            sockets.remove(one);
            sockets.remove(other);
        });
        closeQuietly(one);
        closeQuietly(other);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        change(() -> closed = true);
        try {
            listener.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        cut();
    }
}
