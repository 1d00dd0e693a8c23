package io.kafscale.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Records of one partition that lie in several buffers, for a Fetch response: stored batches go from where they are to
 * the socket, without being copied together first. Immutable, any thread.
 *
 * <p>The slices are taken from the buffers' positions and limits at construction; later changes of those do not matter,
 * but their content must not change until the response was sent.
 */
public final class GatheredRecords implements BaseRecords {
    private final List<ByteBuffer> slices;
    private final int sizeInBytes;

    private GatheredRecords(List<ByteBuffer> slices, int sizeInBytes) {
        this.slices = slices;
        this.sizeInBytes = sizeInBytes;
    }

    /**
     * The remaining bytes of these buffers, one after the other.
     *
     * @throws ArithmeticException if they are more than fit into one response
     */
    public static GatheredRecords of(List<ByteBuffer> buffers) {
        long bytes = 0;
        for (ByteBuffer buffer : buffers) {
            bytes += buffer.remaining();
        }
        return new GatheredRecords(
                buffers.stream()
                        .filter(ByteBuffer::hasRemaining)
                        .map(ByteBuffer::asReadOnlyBuffer)
                        .toList(),
                Math.toIntExact(bytes));
    }

    @Override
    public int sizeInBytes() {
        return sizeInBytes;
    }

    /** Fresh views of the slices; moving their positions affects nobody else. */
    List<ByteBuffer> views() {
        return slices.stream().map(ByteBuffer::duplicate).toList();
    }

    @Override
    public RecordsSend<GatheredRecords> toSend() {
        return new GatheredSend(this);
    }

    /** Writes the slices alone; responses of a server go out whole instead, see ResponseSend. */
    private static final class GatheredSend extends RecordsSend<GatheredRecords> {
        private final BufferSequence sequence;

        GatheredSend(GatheredRecords records) {
            super(records, records.sizeInBytes());
            this.sequence = new BufferSequence(records.views());
        }

        @Override
        protected int writeTo(TransferableChannel channel, int previouslyWritten, int remaining) throws IOException {
            return (int) sequence.writeTo(channel);
        }
    }
}
