package io.kafscale.app.node;

import io.kafscale.app.settings.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Holds the address a broker is going to listen on while the log is taken over, so that a port in use is found before anything is
 * touched and a port left open (0) is known when the broker registers. Closed right before the server binds it. For one thread.
 */
final class ListenPort implements AutoCloseable {
    private final ServerSocket socket;

    private ListenPort(ServerSocket socket) {
        this.socket = socket;
    }

    static ListenPort hold(HostPort address) throws IOException {
        var socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(address.host()), address.port()), 1);
            return new ListenPort(socket);
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Lets the server have the address. */
    void handOver() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
