package io.kafscale.format.wal;

import io.kafscale.format.RecordBatchView;
import io.kafscale.format.StreamId;
import io.kafscale.format.TopicDirectory;
import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads one WAL footer whose checksum has been verified. */
final class WalFooterDecoder {
    private static final int MIN_CHUNK_BYTES = WalFooterEncoder.CHUNK_FIXED_BYTES + 1 + WalFooterEncoder.BATCH_BYTES;

    private final FieldReader fields;
    private final ByteBuffer payload;
    private final int position;
    /** One instance of each key, since a footer with repeated directories names the same partitions again and again. */
    private final Map<ChunkKey, ChunkKey> keys = new HashMap<>();

    /**
     * @param payload footer without trailer
     * @param position where it starts in the object
     */
    WalFooterDecoder(ByteBuffer payload, int position, String object) {
        this.fields = new FieldReader(payload, object, position);
        this.payload = payload;
        this.position = position;
    }

    WalFooter decode() {
        var header = WalHeader.parse(fields, payload);
        WalFooter footer = switch (header.kind()) {
            case GENESIS -> genesis(header);
            case DATA -> data(header);
            case SEAL -> seal(header);
        };
        fields.expectEnd("WAL footer is longer than its fields");
        if (header.kind() != WalHeader.Kind.DATA && position != WalHeader.BYTES) {
            throw fields.corrupt("WAL object has data that its kind has not", 0).with("kind", header.kind());
        }
        return footer;
    }

    private WalGenesis genesis(WalHeader header) {
        return new WalGenesis(
                header,
                fields.string(WalGenesis.MAX_CLUSTER_ID_BYTES),
                fields.nonNegativeI64("WAL genesis has a negative metadata revision"));
    }

    private WalSeal seal(WalHeader header) {
        return new WalSeal(
                header,
                new StreamId(
                        fields.nonNegativeI32("WAL sealer has a negative id"),
                        fields.nonNegativeI64("WAL sealer has a negative epoch")));
    }

    private WalData data(WalHeader header) {
        var chunks = chunks();
        int end = chunks.isEmpty() ? WalHeader.BYTES : chunks.getLast().end();
        if (end != position) {
            throw fields.corrupt("WAL chunks do not fill the object", 0).expected(position, end);
        }
        return new WalData(header, chunks, consolidated(header));
    }

    private List<WalDirectory> consolidated(WalHeader header) {
        int count = fields.count(WalFooterEncoder.DIRECTORY_FIXED_BYTES);
        if (count > WalDirectory.CONSOLIDATION_INTERVAL) {
            throw fields.corrupt("WAL footer repeats too many directories", -Integer.BYTES)
                    .with("count", count);
        }
        var consolidated = new ArrayList<WalDirectory>(count);
        long previous = -1;
        for (int i = 0; i < count; i++) {
            long sequence = fields.i64();
            if (sequence <= previous || sequence >= header.sequence()) {
                throw fields.corrupt("WAL footer repeats directories out of order", -Long.BYTES)
                        .with("sequence", sequence);
            }
            consolidated.add(new WalDirectory(sequence, chunks()));
            previous = sequence;
        }
        return consolidated;
    }

    private List<WalChunk> chunks() {
        int count = fields.count(MIN_CHUNK_BYTES);
        var chunks = new ArrayList<WalChunk>(count);
        int expected = WalHeader.BYTES;
        for (int i = 0; i < count; i++) {
            var chunk = chunk();
            if (chunk.position() != expected) {
                throw fields.corrupt("WAL chunks overlap or leave a gap", 0).expected(expected, chunk.position());
            }
            expected = chunk.end();
            chunks.add(chunk);
        }
        return chunks;
    }

    private WalChunk chunk() {
        var topicId = fields.uuid();
        String topic = fields.string(TopicDirectory.MAX_TOPIC_LENGTH);
        if (!TopicDirectory.isTopicName(topic)) {
            throw fields.corrupt("WAL chunk has an impossible topic name", -topic.length());
        }
        int partition = fields.nonNegativeI32("WAL chunk has a negative partition");
        int leaderEpoch = fields.nonNegativeI32("WAL chunk has a negative leader epoch");
        int start = fields.nonNegativeI32("WAL chunk has a negative position");
        int length = fields.nonNegativeI32("WAL chunk has a negative length");
        long baseOffset = fields.nonNegativeI64("WAL chunk has a negative base offset");
        long lastOffset = fields.i64();
        int crc = fields.i32();
        if (length > Integer.MAX_VALUE - start) {
            throw fields.corrupt("WAL chunk is too long", 0).with("length", length);
        }
        var batches = batches(start, baseOffset);
        var last = batches.getLast();
        if (last.end() != start + length || last.lastOffset() != lastOffset) {
            throw fields.corrupt("WAL batches do not fill their chunk", 0)
                    .expected(start + length, last.end())
                    .with("expectedLastOffset", lastOffset)
                    .with("foundLastOffset", last.lastOffset());
        }
        var key = new ChunkKey(topicId, topic, partition, leaderEpoch);
        return new WalChunk(keys.computeIfAbsent(key, same -> same), start, length, crc, batches);
    }

    private List<WalBatch> batches(int chunkPosition, long chunkBaseOffset) {
        int count = fields.count(WalFooterEncoder.BATCH_BYTES);
        if (count == 0) {
            throw fields.corrupt("WAL chunk has no batches", -Integer.BYTES);
        }
        var batches = new ArrayList<WalBatch>(count);
        int at = chunkPosition;
        long baseOffset = chunkBaseOffset;
        for (int i = 0; i < count; i++) {
            int length = fields.i32();
            int delta = fields.nonNegativeI32("WAL batch has a negative offset delta");
            if (length < RecordBatchView.HEADER_BYTES || length > Integer.MAX_VALUE - at) {
                throw fields.corrupt("WAL batch has an impossible length", -2 * Integer.BYTES)
                        .with("length", length);
            }
            if (baseOffset > Long.MAX_VALUE - 1 - delta) {
                throw fields.corrupt("WAL batch has impossible offsets", -Integer.BYTES);
            }
            batches.add(new WalBatch(
                    at,
                    length,
                    baseOffset,
                    baseOffset + delta,
                    fields.i64(),
                    fields.i64(),
                    fields.i16(),
                    fields.i32(),
                    fields.i32()));
            at += length;
            baseOffset += delta + 1L;
        }
        return batches;
    }
}
