package io.kafscale.app.inspect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.format.StreamId;
import io.kafscale.format.segment.IndexSource;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.format.wal.ChunkKey;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObjectBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** Small objects of each kind, as a broker writes them. */
final class SampleObjects {
    static final UUID TOPIC_ID = new UUID(0x11, 0x22);
    static final int BATCHES = 4;

    private SampleObjects() {}

    /** A segment of four batches with one record each, by an idempotent producer. */
    static SegmentFile segment(long baseOffset) {
        var batches = new ByteBuffer[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            batches[i] = batch(baseOffset + i);
        }
        return SegmentFile.encode(List.of(batches), baseOffset, 1_000);
    }

    static SegmentIndex index(SegmentFile segment, ProducerStateSnapshot before) {
        return SegmentIndex.build(segment, new IndexSource(TOPIC_ID, 0, 2, before));
    }

    static ByteBuffer wal() {
        var builder = new WalObjectBuilder();
        builder.append(new ChunkKey(TOPIC_ID, "orders", 0, 3), batch(10));
        builder.append(new ChunkKey(TOPIC_ID, "orders", 1, 3), batch(20));
        var header = new WalHeader(WalHeader.Kind.DATA, new StreamId(1, 4), 7, 0xabcdefL, 2, 6);
        return joined(builder.build(header, List.of()).buffers());
    }

    static ByteBuffer joined(List<ByteBuffer> buffers) {
        var whole = ByteBuffer.allocate(
                buffers.stream().mapToInt(ByteBuffer::remaining).sum());
        buffers.forEach(buffer -> whole.put(buffer.duplicate()));
        return whole.flip();
    }

    private static ByteBuffer batch(long offset) {
        return RecordBatchEncoder.at(offset)
                .leaderEpoch(3)
                .producer(77, 0, (int) offset)
                .add(1_000 + offset, null, "value".getBytes(UTF_8))
                .encode();
    }
}
