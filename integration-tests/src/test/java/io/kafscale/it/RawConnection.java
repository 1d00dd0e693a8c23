package io.kafscale.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

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

    /** Sends a request that Kafka's clients would not make, and returns what the broker answers. */
    <T extends ApiMessage> T call(ApiKeys api, int version, ApiMessage request, Class<T> response) {
        var header = new RequestHeader(api, (short) version, "raw", 7);
        byte[] head = bytes(MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()));
        byte[] body = bytes(MessageUtil.toByteBufferAccessor(request, (short) version));
        announce(head.length + body.length).send(head).send(body);
        try {
            var in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            return response.cast(AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header)
                    .data());
        } catch (IOException failed) {
            throw new AssertionError("no answer", failed);
        }
    }

    private static byte[] bytes(ByteBufferAccessor written) {
        byte[] bytes = new byte[written.buffer().remaining()];
        written.buffer().get(bytes);
        return bytes;
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
