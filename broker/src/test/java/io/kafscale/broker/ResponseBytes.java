package io.kafscale.broker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;

/** The bytes of a response as they would leave through a socket. For one thread. */
final class ResponseBytes implements TransferableChannel {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    /** The response as a client reads it from its bytes. */
    static AbstractResponse reread(RequestContext context, AbstractResponse response) {
        var channel = new ResponseBytes();
        Send send = context.buildResponseSend(response);
        try {
            while (!send.completed()) {
                send.writeTo(channel);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        ByteBuffer bytes = ByteBuffer.wrap(channel.written.toByteArray());
        if (bytes.getInt() != bytes.remaining()) {
            throw new AssertionError("the size prefix does not fit the response");
        }
        return AbstractResponse.parseResponse(bytes, context.header);
    }

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        byte[] bytes = new byte[count];
        source.get(bytes);
        written.writeBytes(bytes);
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += write(sources[i]);
        }
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public boolean hasPendingWrites() {
        return false;
    }

    @Override
    public long transferFrom(FileChannel file, long position, long count) {
        throw new UnsupportedOperationException("there are no files");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
