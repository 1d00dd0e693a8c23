package io.kafscale.it.workload;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** A connection to one broker on which requests go to that broker, whoever should get them. Not
 * thread-safe, except {@link #close()}. */
final class BrokerConnection implements AutoCloseable {
    private static final int MAX_ANSWER_BYTES = 16 << 20;

    private final Socket socket = new Socket();
    private final String clientId;
    private int correlation;

    private BrokerConnection(String clientId) {
        this.clientId = clientId;
    }

    /** Connects to a port of the loopback address. An answer that takes longer than {@code patience} is an error. */
    static BrokerConnection open(int port, String clientId, Duration patience) throws IOException {
        var connection = new BrokerConnection(clientId);
        try {
            connection.socket.setTcpNoDelay(true);
            connection.socket.setSoTimeout((int) patience.toMillis());
            connection.socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return connection;
        } catch (IOException failed) {
            connection.close();
            throw failed;
        }
    }

    /** Sends a request and returns the answer. */
    AbstractResponse ask(AbstractRequest request) throws IOException {
        var header = new RequestHeader(request.apiKey(), request.version(), clientId, correlation++);
        ByteBuffer body = request.serializeWithHeader(header);
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + body.remaining());
        frame.putInt(body.remaining()).put(body);
        socket.getOutputStream().write(frame.array());
        var in = new DataInputStream(socket.getInputStream());
        int length = in.readInt();
        if (length < 0 || length > MAX_ANSWER_BYTES) {
            throw new IOException("an answer of " + length + " bytes");
        }
        byte[] answer = new byte[length];
        in.readFully(answer);
        return AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
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
