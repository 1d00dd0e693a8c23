package io.kafscale.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * One response on its way out: length prefix, header and body in freshly encoded buffers, records as the slices they
 * are. Owned by a network thread.
 *
 * <p>Stands in for Kafka's own builder, which makes a separate write of each {@link GatheredRecords} and of each header
 * between two of them; here a response of many partitions is one sequence for gathering writes.
 */
final class ResponseSend implements Send {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final BufferSequence sequence;
    private final long size;
    private boolean pending;

    private ResponseSend(List<ByteBuffer> buffers) {
        this.sequence = new BufferSequence(buffers);
        this.size = sequence.remaining();
    }

    /**
     * Encodes a response.
     *
     * @throws RuntimeException if it cannot be expressed in the version of the request, such as
     *     {@code UnsupportedVersionException} for a field the version does not have
     */
    static ResponseSend of(RequestContext context, AbstractResponse response) {
        ResponseHeader header = context.header.toResponseHeader();
        short headerVersion = header.headerVersion();
        short version = context.apiVersion();
        var cache = new ObjectSerializationCache();
        var size = new MessageSizeAccumulator();
        header.data().addSize(size, cache, headerVersion);
        response.data().addSize(size, cache, version);
        if (size.totalSize() < 0) {
            throw new IllegalStateException(context.header.apiKey() + " response is larger than 2 GiB");
        }
        var encoder = new Encoder(Integer.BYTES + size.sizeExcludingZeroCopy());
        encoder.writeInt(size.totalSize());
        header.data().write(encoder, cache, headerVersion);
        response.data().write(encoder, cache, version);
        var send = new ResponseSend(encoder.finish());
        if (send.size != Integer.BYTES + (long) size.totalSize()) {
            throw new IllegalStateException(context.header.apiKey() + " response encoded to " + send.size
                    + " bytes where " + (Integer.BYTES + (long) size.totalSize()) + " were computed");
        }
        return send;
    }

    /** Several responses of one connection as one: they leave together, with one call of the system and one wake-up of the client. */
    static ResponseSend joined(List<ResponseSend> responses) {
        return responses.size() == 1
                ? responses.getFirst()
                : new ResponseSend(responses.stream()
                        .flatMap(response -> response.sequence.buffers().stream())
                        .toList());
    }

    @Override
    public boolean completed() {
        return sequence.remaining() == 0 && !pending;
    }

    @Override
    public long writeTo(TransferableChannel channel) throws IOException {
        long written = sequence.writeTo(channel);
        if (sequence.remaining() == 0 && channel.hasPendingWrites()) {
            // TLS has taken all bytes but not yet sent the last record.
            channel.write(NOTHING.duplicate());
        }
        pending = channel.hasPendingWrites();
        return written;
    }

    @Override
    public long size() {
        return size;
    }

    /** Collects encoded fields in one buffer, cut wherever a zero-copy field goes in between. */
    private static final class Encoder implements Writable {
        private final ByteBuffer encoded;
        private final List<ByteBuffer> parts = new ArrayList<>();
        private int cut;

        Encoder(int encodedBytes) {
            this.encoded = ByteBuffer.allocate(encodedBytes);
        }

        List<ByteBuffer> finish() {
            cut();
            return parts;
        }

        private void cut() {
            if (encoded.position() > cut) {
                parts.add(encoded.slice(cut, encoded.position() - cut));
                cut = encoded.position();
            }
        }

        @Override
        public void writeRecords(BaseRecords records) {
            if (records instanceof GatheredRecords gathered) {
                cut();
                parts.addAll(gathered.views());
            } else {
                Writable.super.writeRecords(records);
            }
        }

        @Override
        public void writeByteBuffer(ByteBuffer buffer) {
            cut();
            if (buffer.hasRemaining()) {
                parts.add(buffer.duplicate());
            }
        }

        @Override
        public void writeByte(byte value) {
            encoded.put(value);
        }

        @Override
        public void writeShort(short value) {
            encoded.putShort(value);
        }

        @Override
        public void writeInt(int value) {
            encoded.putInt(value);
        }

        @Override
        public void writeLong(long value) {
            encoded.putLong(value);
        }

        @Override
        public void writeDouble(double value) {
            encoded.putDouble(value);
        }

        @Override
        public void writeByteArray(byte[] bytes) {
            encoded.put(bytes);
        }

        @Override
        public void writeUnsignedVarint(int value) {
            ByteUtils.writeUnsignedVarint(value, encoded);
        }

        @Override
        public void writeVarint(int value) {
            ByteUtils.writeVarint(value, encoded);
        }

        @Override
        public void writeVarlong(long value) {
            ByteUtils.writeVarlong(value, encoded);
        }
    }
}
