package io.kafscale.format.wal;

import io.kafscale.format.Crc32c;
import io.kafscale.format.StreamId;
import io.kafscale.format.TopicDirectory;
import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bytes of WAL footers, trailer included. */
final class WalFooterCodec {
    /** The four characters {@code WEND}. */
    static final int END_MAGIC = 0x57454e44;
    /** Footer length, footer checksum, end mark. */
    static final int TRAILER_BYTES = 12;

    static final int BATCH_BYTES = 34;

    private static final int CHUNK_FIXED_BYTES = 16 + 2 + 4 + 4 + 4 + 4 + 8 + 8 + 4 + 4;
    private static final int MIN_CHUNK_BYTES = CHUNK_FIXED_BYTES + 1 + BATCH_BYTES;
    private static final int DIRECTORY_FIXED_BYTES = 12;
    private static final int MIN_BATCH_LENGTH = 61;

    private WalFooterCodec() {}

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
                        .mapToLong(WalFooterCodec::sizeInBytes)
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

    /**
     * Reads a footer whose checksum has been verified.
     *
     * @param payload footer without trailer
     * @param position where it starts in the object
     */
    static WalFooter parse(ByteBuffer payload, int position, String object) {
        var fields = new FieldReader(payload, object, position);
        var header = WalHeader.parse(fields, payload);
        WalFooter footer = switch (header.kind()) {
            case GENESIS -> genesis(header, fields);
            case DATA -> data(header, fields, position);
            case SEAL ->
                new WalSeal(
                        header,
                        new StreamId(
                                fields.nonNegativeI32("WAL sealer has a negative id"),
                                fields.nonNegativeI64("WAL sealer has a negative epoch")));
        };
        fields.expectEnd("WAL footer is longer than its fields");
        if (header.kind() != WalHeader.Kind.DATA && position != WalHeader.BYTES) {
            throw fields.corrupt("WAL object has data that its kind has not", 0).with("kind", header.kind());
        }
        return footer;
    }

    private static WalGenesis genesis(WalHeader header, FieldReader fields) {
        return new WalGenesis(
                header,
                fields.string(WalGenesis.MAX_CLUSTER_ID_BYTES),
                fields.nonNegativeI64("WAL genesis has a negative metadata revision"));
    }

    private static WalData data(WalHeader header, FieldReader fields, int footerPosition) {
        var chunks = chunks(fields);
        int end = chunks.isEmpty() ? WalHeader.BYTES : chunks.getLast().end();
        if (end != footerPosition) {
            throw fields.corrupt("WAL chunks do not fill the object", 0).expected(footerPosition, end);
        }
        int count = fields.count(DIRECTORY_FIXED_BYTES);
        if (count > WalDirectory.CONSOLIDATION_INTERVAL) {
            throw fields.corrupt("WAL footer repeats too many directories", -Integer.BYTES)
                    .with("count", count);
        }
        var consolidated = new ArrayList<WalDirectory>(count);
        for (int i = 0; i < count; i++) {
            long sequence = fields.i64();
            long previous = consolidated.isEmpty() ? -1 : consolidated.getLast().sequence();
            if (sequence <= previous || sequence >= header.sequence()) {
                throw fields.corrupt("WAL footer repeats directories out of order", -Long.BYTES)
                        .with("sequence", sequence);
            }
            consolidated.add(new WalDirectory(sequence, chunks(fields)));
        }
        return new WalData(header, chunks, consolidated);
    }

    private static List<WalChunk> chunks(FieldReader fields) {
        int count = fields.count(MIN_CHUNK_BYTES);
        var chunks = new ArrayList<WalChunk>(count);
        int expected = WalHeader.BYTES;
        for (int i = 0; i < count; i++) {
            var chunk = chunk(fields);
            if (chunk.position() != expected) {
                throw fields.corrupt("WAL chunks overlap or leave a gap", 0).expected(expected, chunk.position());
            }
            expected = chunk.end();
            chunks.add(chunk);
        }
        return chunks;
    }

    private static WalChunk chunk(FieldReader fields) {
        var topicId = fields.uuid();
        String topic = fields.string(TopicDirectory.MAX_TOPIC_LENGTH);
        if (!TopicDirectory.isTopicName(topic)) {
            throw fields.corrupt("WAL chunk has an impossible topic name", -topic.length());
        }
        int partition = fields.nonNegativeI32("WAL chunk has a negative partition");
        int leaderEpoch = fields.nonNegativeI32("WAL chunk has a negative leader epoch");
        int position = fields.nonNegativeI32("WAL chunk has a negative position");
        int length = fields.nonNegativeI32("WAL chunk has a negative length");
        long baseOffset = fields.nonNegativeI64("WAL chunk has a negative base offset");
        long lastOffset = fields.i64();
        int crc = fields.i32();
        if (length > Integer.MAX_VALUE - position) {
            throw fields.corrupt("WAL chunk is too long", 0).with("length", length);
        }
        var batches = batches(fields, position, baseOffset);
        var last = batches.getLast();
        if (last.end() != position + length || last.lastOffset() != lastOffset) {
            throw fields.corrupt("WAL batches do not fill their chunk", 0)
                    .expected(position + length, last.end())
                    .with("expectedLastOffset", lastOffset)
                    .with("foundLastOffset", last.lastOffset());
        }
        return new WalChunk(new ChunkKey(topicId, topic, partition, leaderEpoch), position, length, crc, batches);
    }

    private static List<WalBatch> batches(FieldReader fields, int chunkPosition, long chunkBaseOffset) {
        int count = fields.count(BATCH_BYTES);
        if (count == 0) {
            throw fields.corrupt("WAL chunk has no batches", -Integer.BYTES);
        }
        var batches = new ArrayList<WalBatch>(count);
        int position = chunkPosition;
        long baseOffset = chunkBaseOffset;
        for (int i = 0; i < count; i++) {
            int length = fields.i32();
            int delta = fields.nonNegativeI32("WAL batch has a negative offset delta");
            if (length < MIN_BATCH_LENGTH || length > Integer.MAX_VALUE - position) {
                throw fields.corrupt("WAL batch has an impossible length", -2 * Integer.BYTES)
                        .with("length", length);
            }
            if (baseOffset > Long.MAX_VALUE - 1 - delta) {
                throw fields.corrupt("WAL batch has impossible offsets", -Integer.BYTES);
            }
            batches.add(new WalBatch(
                    position,
                    length,
                    baseOffset,
                    baseOffset + delta,
                    fields.i64(),
                    fields.i64(),
                    fields.i16(),
                    fields.i32(),
                    fields.i32()));
            position += length;
            baseOffset += delta + 1L;
        }
        return batches;
    }
}
