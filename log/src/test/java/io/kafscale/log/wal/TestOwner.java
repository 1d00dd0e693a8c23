package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.format.wal.ChunkKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A partition that numbers its batches and checks that they come back durable in order and without gaps. */
final class TestOwner implements ChunkOwner {
    private final ChunkKey key;
    private final List<ChunkRef> committed = new ArrayList<>();
    private long logEnd;
    private long highWatermark;

    TestOwner(int partition) {
        this.key = new ChunkKey(new UUID(0, 1), "orders", partition, 3);
    }

    /** A batch of one record at the next offset. */
    ByteBuffer nextBatch(int valueBytes) {
        return RecordBatchEncoder.at(logEnd++)
                .leaderEpoch(key.leaderEpoch())
                .add(1_000, null, new byte[valueBytes])
                .encode();
    }

    /** Appends one batch, reserving its memory. */
    void append(WalWriter writer, int valueBytes) {
        var batch = nextBatch(valueBytes);
        writer.buffer().reserveForced(batch.capacity());
        try {
            writer.append(this, List.of(batch), batch.capacity());
        } catch (RuntimeException refused) {
            writer.buffer().release(batch.capacity());
            logEnd--;
            throw refused;
        }
    }

    void append(WalWriter writer) {
        append(writer, 100);
    }

    @Override
    public ChunkKey target() {
        return key;
    }

    @Override
    public void committed(ChunkRef chunk) {
        assertThat(chunk.chunk().key()).isEqualTo(key);
        assertThat(chunk.chunk().baseOffset()).isEqualTo(highWatermark);
        assertThat(chunk.chunk().lastOffset()).isLessThan(logEnd);
        if (!committed.isEmpty()) {
            assertThat(chunk.sequence()).isGreaterThan(committed.getLast().sequence());
        }
        highWatermark = chunk.chunk().lastOffset() + 1;
        committed.add(chunk);
    }

    List<ChunkRef> committed() {
        return committed;
    }

    long logEnd() {
        return logEnd;
    }

    long highWatermark() {
        return highWatermark;
    }
}
