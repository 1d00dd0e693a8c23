package io.kafscale.wire;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import javax.net.SocketFactory;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;

/** A client that sends what it is told, frame by frame or byte by byte, and reads when it is told. */
final class RawClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Socket socket;
    private final DataInputStream in;
    private int correlationId;

    RawClient(InetSocketAddress server) throws IOException {
        this(server, SocketFactory.getDefault());
    }

    RawClient(InetSocketAddress server, SocketFactory sockets) throws IOException {
        this(connect(sockets.createSocket(), server, -1));
    }

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** A client whose kernel takes few bytes that it has not read. */
    static RawClient withSmallReceiveBuffer(InetSocketAddress server) throws IOException {
        return new RawClient(connect(new Socket(), server, 8 * 1024));
    }

    private static Socket connect(Socket socket, InetSocketAddress server, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(server, (int) PATIENCE.toMillis());
        return socket;
    }

    /** Sends a request and returns its correlation id; ids count up from 1. */
    int send(ApiKeys api, int version, ApiMessage body) throws IOException {
        ByteBuffer frame = frame(api, (short) version, body, ++correlationId);
        sendBytes(frame);
        return correlationId;
    }

    static ByteBuffer frame(ApiKeys api, short version, ApiMessage body, int correlationId) {
        var header = new RequestHeader(api, version, "raw", correlationId);
        ByteBuffer message = RequestUtils.serialize(header.data(), header.headerVersion(), body, version);
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + message.remaining());
        return frame.putInt(message.remaining()).put(message).flip();
    }

    void sendBytes(ByteBuffer bytes) throws IOException {
        socket.getOutputStream().write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        socket.getOutputStream().flush();
    }

    /** The next frame, without its length. */
    ByteBuffer receiveFrame() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return ByteBuffer.wrap(frame);
    }

    /** The correlation id of the next response. */
    int receiveCorrelationId() throws IOException {
        return receiveFrame().getInt();
    }

    /** The next response, which must answer the request of this id. */
    @SuppressWarnings("TypeParameterUnusedInFormals") // the test knows what it asked for
    <T extends AbstractResponse> T receive(ApiKeys api, int version, int expectedCorrelationId) throws IOException {
        var header = new RequestHeader(api, (short) version, "raw", expectedCorrelationId);
        @SuppressWarnings("unchecked")
        T response = (T) AbstractResponse.parseResponse(receiveFrame(), header);
        return response;
    }

    /** Whether the server closes the connection without sending anything. */
    boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (EOFException | SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
