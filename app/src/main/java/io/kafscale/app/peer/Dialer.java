package io.kafscale.app.peer;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import jdk.net.ExtendedSocketOptions;

/** Opens connections to brokers. Stateless; blocks. */
interface Dialer {
    /** After this long without an answer an attempt is given up, which says nothing about the broker. */
    Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    /**
     * Connects to the first address of {@code host} that accepts.
     *
     * @throws RefusedException if each of its addresses refuses connections
     * @throws IOException if it cannot be reached for any other reason
     */
    Socket dial(String host, int port) throws IOException;

    /** Nobody listens there, said by a machine that answers. */
    final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        RefusedException(ConnectException cause) {
            super(cause);
        }
    }

    /** Over TCP. */
    static Dialer tcp() {
        return (host, port) -> {
            ConnectException refusal = null;
            IOException other = null;
            for (InetAddress address : InetAddress.getAllByName(host)) {
                try {
                    return connect(new InetSocketAddress(address, port));
                } catch (ConnectException failed) {
                    if (isRefusal(failed)) {
                        refusal = failed;
                    } else {
                        other = failed;
                    }
                } catch (IOException failed) {
                    other = failed;
                }
            }
            if (other == null && refusal != null) {
                throw new RefusedException(refusal);
            }
            throw other != null ? other : new IOException(host + " has no address");
        };
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        var socket = new Socket();
        try {
            socket.connect(address, (int) CONNECT_TIMEOUT.toMillis());
            // Without traffic nobody would ever find out that the other machine is gone.
            socket.setKeepAlive(true);
            if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 30);
                socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
                socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
            }
            return socket;
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    /** Java tells a refusal and a connection that the kernel gave up waiting for by the same type. */
    private static boolean isRefusal(ConnectException failed) {
        return !String.valueOf(failed.getMessage()).toLowerCase(Locale.ROOT).contains("timed out");
    }
}
