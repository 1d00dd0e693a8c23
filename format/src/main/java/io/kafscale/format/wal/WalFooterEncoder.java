package io.kafscale.format.wal;

import io.kafscale.format.Crc32c;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes WAL footers, trailer included, and knows their sizes. */
final class WalFooterEncoder {
    /** The four characters {@code WEND}. */
    static final int END_MAGIC = 0x57454e44;
    /** Footer length, footer checksum, end mark. */
    static final int TRAILER_BYTES = 12;

    /** Bytes of a batch in a directory. */
    static final int BATCH_BYTES = 34;

    /** Bytes of a chunk in a directory, without topic name and batches. */
    static final int CHUNK_FIXED_BYTES = 16 + 2 + 4 + 4 + 4 + 4 + 8 + 8 + 4 + 4;
    /** Bytes of a repeated directory without chunks. */
    static final int DIRECTORY_FIXED_BYTES = 12;

    private WalFooterEncoder() {}

    /** Bytes of the footer of a data object without chunks, trailer included. */
    static int emptyDataFooterBytes() {
        return WalHeader.BYTES + Integer.BYTES + Integer.BYTES + TRAILER_BYTES;
    }

    /** Bytes that a chunk without batches takes in a directory. */
    static int emptyChunkBytes(ChunkKey key) {
        return CHUNK_FIXED_BYTES + key.topic().length();
    }

    /** Bytes that a repeated directory takes in a footer. */
    static long sizeInBytes(WalDirectory directory) {
        return DIRECTORY_FIXED_BYTES + sizeInBytes(directory.chunks());
    }

    private static long sizeInBytes(List<WalChunk> chunks) {
        return chunks.stream()
                .mapToLong(chunk -> emptyChunkBytes(chunk.key())
                        + (long) BATCH_BYTES * chunk.batches().size())
                .sum();
    }

    /** Puts header, body and footer together. */
    static WalObject object(WalFooter footer, List<ByteBuffer> body) {
        var buffers = new ArrayList<ByteBuffer>(body.size() + 2);
        buffers.add(footer.header().encode());
        buffers.addAll(body);
        buffers.add(encode(footer));
        long length = buffers.stream().mapToLong(ByteBuffer::remaining).sum();
        return new WalObject(footer, buffers, Math.toIntExact(length), Crc32c.of(buffers));
    }

    /** Footer and trailer in a new buffer. */
    static ByteBuffer encode(WalFooter footer) {
        var payload = footer.header().encode();
        return switch (footer) {
            case WalGenesis genesis -> {
                byte[] clusterId = genesis.clusterId().getBytes(StandardCharsets.UTF_8);
                yield finish(start(payload, Short.BYTES + clusterId.length + Long.BYTES)
                        .putShort((short) clusterId.length)
                        .put(clusterId)
                        .putLong(genesis.metadataRevision()));
            }
            case WalSeal seal ->
                finish(start(payload, Integer.BYTES + Long.BYTES)
                        .putInt(seal.sealer().brokerId())
                        .putLong(seal.sealer().brokerEpoch()));
            case WalData data -> {
                long directories = data.consolidated().stream()
                        .mapToLong(WalFooterEncoder::sizeInBytes)
                        .sum();
                var out = start(payload, 2 * Integer.BYTES + sizeInBytes(data.chunks()) + directories);
                writeChunks(data.chunks(), out);
                out.putInt(data.consolidated().size());
                for (WalDirectory directory : data.consolidated()) {
                    writeChunks(directory.chunks(), out.putLong(directory.sequence()));
                }
                yield finish(out);
            }
        };
    }

    private static ByteBuffer start(ByteBuffer header, long payloadBytes) {
        return ByteBuffer.allocate(Math.toIntExact(WalHeader.BYTES + payloadBytes + TRAILER_BYTES))
                .put(header);
    }

    private static ByteBuffer finish(ByteBuffer out) {
        out.putInt(out.position());
        return out.putInt(Crc32c.of(out, 0, out.position())).putInt(END_MAGIC).flip();
    }

    private static void writeChunks(List<WalChunk> chunks, ByteBuffer out) {
        out.putInt(chunks.size());
        for (WalChunk chunk : chunks) {
            byte[] topic = chunk.topic().getBytes(StandardCharsets.US_ASCII);
            out.putLong(chunk.topicId().getMostSignificantBits())
                    .putLong(chunk.topicId().getLeastSignificantBits())
                    .putShort((short) topic.length)
                    .put(topic)
                    .putInt(chunk.partition())
                    .putInt(chunk.leaderEpoch())
                    .putInt(chunk.position())
                    .putInt(chunk.length())
                    .putLong(chunk.baseOffset())
                    .putLong(chunk.lastOffset())
                    .putInt(chunk.crc())
                    .putInt(chunk.batches().size());
            for (WalBatch batch : chunk.batches()) {
                out.putInt(batch.length())
                        .putInt((int) (batch.lastOffset() - batch.baseOffset()))
                        .putLong(batch.maxTimestampMs())
                        .putLong(batch.producerId())
                        .putShort(batch.producerEpoch())
                        .putInt(batch.baseSequence())
                        .putInt(batch.recordCount());
            }
        }
    }
}
