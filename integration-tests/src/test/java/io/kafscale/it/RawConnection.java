package io.kafscale.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A connection to a broker on which a test may say anything. Not thread-safe. */
final class RawConnection implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Socket socket;

    private RawConnection(Socket socket) {
        this.socket = socket;
    }

    /** Writes a request's body. */
    interface Body {
        /** Writes it. */
        void write(DataOutputStream out) throws IOException;
    }

    static RawConnection open(BrokerUnderTest broker) {
        String[] address = broker.bootstrapServers().split(":");
        try {
            var socket = new Socket(address[0], Integer.parseInt(address[1]));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) PATIENCE.toMillis());
            return new RawConnection(socket);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Sends bytes as they are. An error is not one: the broker may have hung up already. */
    RawConnection send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (SocketException closed) {
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return this;
    }

    /** Sends a length, and nothing of what it announces. */
    RawConnection announce(int length) {
        return send(bytes(out -> out.writeInt(length)));
    }

    /** Sends a whole request with this header and body. */
    RawConnection request(int apiKey, int version, Body body) {
        byte[] content = bytes(out -> {
            out.writeShort(apiKey);
            out.writeShort(version);
            out.writeInt(7);
            byte[] clientId = "raw".getBytes(StandardCharsets.US_ASCII);
            out.writeShort(clientId.length);
            out.write(clientId);
            body.write(out);
        });
        return announce(content.length).send(content);
    }

    /** Fails unless the broker closes the connection without an answer. */
    void assertClosed() {
        try {
            assertThat(socket.getInputStream().read())
                    .as("the first byte of an answer")
                    .isEqualTo(-1);
        } catch (SocketTimeoutException open) {
            throw new AssertionError("still open after " + PATIENCE, open);
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Fails unless the broker answers with something. */
    void assertAnswered() {
        try {
            assertThat(socket.getInputStream().read())
                    .as("the first byte of an answer")
                    .isNotNegative();
        } catch (IOException failed) {
            throw new AssertionError("no answer", failed);
        }
    }

    private static byte[] bytes(Body body) {
        var bytes = new ByteArrayOutputStream();
        try {
            body.write(new DataOutputStream(bytes));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
