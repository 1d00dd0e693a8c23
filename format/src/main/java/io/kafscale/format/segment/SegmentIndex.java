package io.kafscale.format.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * An {@code .index} file: where batches start in a {@code .kfs} file and, in the extension, what else a reader would have
 * to read the whole file for. Immutable; any thread. Shares no buffer.
 *
 * <p>An index can always be rebuilt from its file ({@link #rebuild}), so a damaged one costs a read of the file and
 * nothing more.
 */
public final class SegmentIndex {
    /** Bytes of the header. */
    public static final int HEADER_BYTES = 16;
    /** Bytes of one entry. */
    public static final int ENTRY_BYTES = 12;
    /** The characters {@code IDX} and a zero byte. */
    public static final int MAGIC = 0x49445800;
    /** The version that is written and read. */
    public static final int VERSION = 1;

    private final int intervalRecords;
    private final long[] offsets;
    private final int[] positions;
    private final Optional<IndexExtension> extension;

    SegmentIndex(int intervalRecords, List<IndexEntry> entries, Optional<IndexExtension> extension) {
        this.intervalRecords = intervalRecords;
        this.offsets = entries.stream().mapToLong(IndexEntry::offset).toArray();
        this.positions = entries.stream().mapToInt(IndexEntry::position).toArray();
        this.extension = extension;
    }

    /** The index of a file, extension included. */
    public static SegmentIndex build(SegmentFile file, IndexSource source) {
        var builder = new SegmentIndexBuilder(source);
        file.forEachBatch(builder::append);
        return builder.build(file.identity(source.topicId(), source.partition()));
    }

    /**
     * Reads and verifies a {@code .kfs} file and builds its index.
     *
     * @param kfs the whole file from position to limit
     * @param object name of the file, for errors
     * @throws CorruptObjectException if the file is damaged
     */
    public static SegmentIndex rebuild(ByteBuffer kfs, String object, IndexSource source) {
        return build(SegmentFile.parse(kfs, object), source);
    }

    /**
     * Reads an index with or without extension.
     *
     * @param index the whole file from position to limit
     * @param object name of the file, for errors
     * @throws CorruptObjectException if the file is torn or damaged. Damage to the numbers in the entries of an index
     *     without extension can only be seen where they stop ascending: nothing covers them
     */
    public static SegmentIndex parse(ByteBuffer index, String object) {
        var fields = new FieldReader(index, object, 0);
        fields.expectI32(MAGIC, "not an index: wrong magic");
        fields.expectU16(VERSION, "index has an unknown version");
        int count = fields.i32();
        int interval = fields.i32();
        fields.expectU16(0, "index has reserved bits set");
        if (count < 1 || count > fields.remaining() / ENTRY_BYTES) {
            throw new CorruptObjectException("index has an impossible entry count", object, 6)
                    .with("count", count)
                    .with("remaining", fields.remaining());
        }
        if (interval < 1) {
            throw new CorruptObjectException("index has an impossible interval", object, 10).with("interval", interval);
        }
        var entries = entries(fields, count);
        Optional<IndexExtension> extension =
                fields.remaining() == 0 ? Optional.empty() : IndexExtensionCodec.parse(index, fields);
        return new SegmentIndex(interval, entries, extension);
    }

    private static List<IndexEntry> entries(FieldReader fields, int count) {
        var entries = new ArrayList<IndexEntry>(count);
        long lastOffset = -1;
        int lastPosition = 0;
        for (int i = 0; i < count; i++) {
            var entry = new IndexEntry(fields.i64(), fields.i32());
            boolean placed = i == 0 ? entry.position() == SegmentHeader.BYTES : entry.position() > lastPosition;
            if (!placed || entry.offset() <= lastOffset) {
                throw fields.corrupt("index entries do not ascend", -ENTRY_BYTES)
                        .with("entry", entry);
            }
            entries.add(entry);
            lastOffset = entry.offset();
            lastPosition = entry.position();
        }
        return entries;
    }

    /** The whole file in a new buffer. */
    public ByteBuffer encode() {
        int plain = HEADER_BYTES + ENTRY_BYTES * offsets.length;
        var out = ByteBuffer.allocate(
                plain + extension.map(IndexExtensionCodec::sizeInBytes).orElse(0));
        out.putInt(MAGIC)
                .putShort((short) VERSION)
                .putInt(offsets.length)
                .putInt(intervalRecords)
                .putShort((short) 0);
        for (int i = 0; i < offsets.length; i++) {
            out.putLong(offsets[i]).putInt(positions[i]);
        }
        extension.ifPresent(present -> IndexExtensionCodec.write(present, out));
        return out.flip();
    }

    /** Fewest records between two entries. */
    public int intervalRecords() {
        return intervalRecords;
    }

    /** The entries, ascending. */
    public List<IndexEntry> entries() {
        var entries = new ArrayList<IndexEntry>(offsets.length);
        for (int i = 0; i < offsets.length; i++) {
            entries.add(entry(i));
        }
        return entries;
    }

    /** What our indexes carry beyond the entries; empty in an index written by others. */
    public Optional<IndexExtension> extension() {
        return extension;
    }

    /** The same entries without extension, as others write them. */
    public SegmentIndex withoutExtension() {
        return new SegmentIndex(intervalRecords, entries(), Optional.empty());
    }

    /** Whether the index is known to have been built from that file; never so without extension. */
    public boolean matches(SegmentIdentity file) {
        return extension.map(present -> present.identity().equals(file)).orElse(false);
    }

    /**
     * The last entry at or before an offset: the batch that holds the offset lies there or behind it. The first entry for
     * an offset before the segment.
     */
    public IndexEntry floor(long offset) {
        return entry(Math.max(0, indexAbove(offset) - 1));
    }

    /** The first entry above an offset: the batch that holds the offset ends there or before. */
    public Optional<IndexEntry> higher(long offset) {
        int above = indexAbove(offset);
        return above == offsets.length ? Optional.empty() : Optional.of(entry(above));
    }

    private int indexAbove(long offset) {
        int found = Arrays.binarySearch(offsets, offset);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private IndexEntry entry(int i) {
        return new IndexEntry(offsets[i], positions[i]);
    }

    /** Estimate of the heap this index occupies, in bytes, for weighing caches. */
    public long heapBytes() {
        long perEntry = Long.BYTES + Integer.BYTES;
        return 128
                + perEntry * offsets.length
                + extension.map(SegmentIndex::heapBytes).orElse(0L);
    }

    private static long heapBytes(IndexExtension extension) {
        long batches = extension.producers().producers().stream()
                .mapToLong(producer -> producer.batches().size())
                .sum();
        return 256
                + 40L * extension.times().size()
                + 32L * extension.epochs().size()
                + 80L * extension.producers().producers().size()
                + 40L * batches;
    }
}
