package io.kafscale.testkit.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between clients and a server, on a loopback port of its own, and does to their connections what networks do. The server may
 * be absent and come back; who connects meanwhile is reset. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TcpProxy.class);
    private static final int BACKLOG = 256;

    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final Link link = new Link();
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();

    private TcpProxy(ServerSocket listener, InetSocketAddress target) {
        this.listener = listener;
        this.target = target;
    }

    /** A proxy to a port of the loopback address, listening when this returns. */
    public static TcpProxy to(int port) {
        try {
            var listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            var proxy = new TcpProxy(listener, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            Thread.ofVirtual().name("tcp-proxy-accept").start(proxy::acceptAll);
            return proxy;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Where it listens. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Everything passes again, at once; what was held arrives now. */
    public void heal() {
        link.heal();
    }

    /** Resets all connections, and each new one, until {@link #heal()}. */
    public void cut() {
        link.cut();
        reset();
    }

    /** Nothing passes in {@code direction}, though connections stay and new ones seem to succeed, until {@link #heal()}. */
    public void hold(Direction direction) {
        link.hold(EnumSet.of(direction));
    }

    /** A black hole: nothing passes either way until {@link #heal()}. */
    public void holdAll() {
        link.hold(EnumSet.allOf(Direction.class));
    }

    /** What is sent from now on takes this long, each way, until {@link #heal()}. */
    public void delay(Duration oneWay) {
        link.delay(oneWay);
    }

    /** Resets the present connections; what was under way is lost. New ones are welcome. */
    public void reset() {
        connections.forEach(ProxiedConnection::reset);
    }

    /** How many connections there are. */
    public int connections() {
        return connections.size();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                accept(listener.accept());
            } catch (IOException ended) {
                if (!listener.isClosed()) {
                    log.error("the listener of the proxy to {} died", target, ended);
                }
                return;
            }
        }
    }

    private void accept(Socket client) {
        var connection = new ProxiedConnection(client, target, link, connections::remove);
        connections.add(connection);
        if (link.isCut() || listener.isClosed()) {
            connection.reset();
        } else {
            connection.start();
        }
    }

    /** Resets everything and stops listening. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        reset();
    }

    @Override
    public String toString() {
        return "proxy on port " + port() + " to " + target;
    }
}
