package io.kafscale.app.node;

import io.kafscale.app.settings.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * Holds the address a broker is going to listen on while the log is taken over, so that a port in use is found before anything is
 * touched and a port left open (0) is known when the broker registers. It is bound only and does not listen: clients are refused at
 * once and try again, where a socket that nobody serves would keep them waiting. Closed right before the server binds the address. For
 * one thread.
 */
final class ListenPort implements AutoCloseable {
    private final Socket socket;

    private ListenPort(Socket socket) {
        this.socket = socket;
    }

    static ListenPort hold(HostPort address) throws IOException {
        var socket = new Socket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(address.host()), address.port()));
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
