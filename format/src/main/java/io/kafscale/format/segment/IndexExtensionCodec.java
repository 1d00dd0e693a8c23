package io.kafscale.format.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.ProducerEntry;
import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.zip.CRC32C;

/**
 * The bytes of an index extension. Its checksum covers the whole index file, so that it also guards the entries, which
 * version 1 of the index leaves unguarded.
 */
final class IndexExtensionCodec {
    /** The four characters {@code IDXX}. */
    static final int MAGIC = 0x49445858;

    static final int VERSION = 1;
    static final int HEADER_BYTES = 16;

    private static final int SECTION_HEADER_BYTES = 6;
    private static final int IDENTITY_BYTES = 48;
    private static final int TIME_BYTES = 16;
    private static final int EPOCH_BYTES = 12;
    private static final int PRODUCER_BYTES = 19;
    private static final int PRODUCER_BATCH_BYTES = 24;
    private static final int CRC_OFFSET = 12;

    private static final int IDENTITY = 1;
    private static final int TIMES = 2;
    private static final int EPOCHS = 3;
    private static final int PRODUCERS = 4;
    private static final int MAX_TIMESTAMP = 5;
    private static final Set<Integer> KNOWN_SECTIONS = Set.of(IDENTITY, TIMES, EPOCHS, PRODUCERS, MAX_TIMESTAMP);

    private IndexExtensionCodec() {}

    static int sizeInBytes(IndexExtension extension) {
        return HEADER_BYTES
                + KNOWN_SECTIONS.size() * SECTION_HEADER_BYTES
                + IDENTITY_BYTES
                + TIME_BYTES * extension.times().size()
                + EPOCH_BYTES * extension.epochs().size()
                + producersBytes(extension.producers())
                + TIME_BYTES;
    }

    private static int producersBytes(ProducerStateSnapshot snapshot) {
        int batches = snapshot.producers().stream()
                .mapToInt(producer -> producer.batches().size())
                .sum();
        return 1 + PRODUCER_BYTES * snapshot.producers().size() + PRODUCER_BATCH_BYTES * batches;
    }

    /** Writes the extension behind the entries, which start at index 0 of the buffer. */
    static void write(IndexExtension extension, ByteBuffer out) {
        int start = out.position();
        int length = sizeInBytes(extension) - HEADER_BYTES;
        out.putInt(MAGIC)
                .putShort((short) VERSION)
                .putShort((short) 0)
                .putInt(length)
                .putInt(0);
        writeIdentity(extension.identity(), section(out, IDENTITY, IDENTITY_BYTES));
        section(out, TIMES, TIME_BYTES * extension.times().size());
        extension.times().forEach(entry -> writeTime(entry, out));
        section(out, EPOCHS, EPOCH_BYTES * extension.epochs().size());
        extension.epochs().forEach(entry -> out.putInt(entry.leaderEpoch()).putLong(entry.startOffset()));
        writeProducers(extension.producers(), section(out, PRODUCERS, producersBytes(extension.producers())));
        writeTime(extension.maxTimestamp(), section(out, MAX_TIMESTAMP, TIME_BYTES));
        out.putInt(start + CRC_OFFSET, checksum(out.duplicate().flip(), start));
    }

    private static ByteBuffer section(ByteBuffer out, int type, int length) {
        return out.putShort((short) type).putInt(length);
    }

    private static void writeIdentity(SegmentIdentity identity, ByteBuffer out) {
        out.putLong(identity.topicId().getMostSignificantBits())
                .putLong(identity.topicId().getLeastSignificantBits())
                .putInt(identity.partition())
                .putLong(identity.baseOffset())
                .putLong(identity.lastOffset())
                .putLong(identity.fileLength())
                .putInt(identity.bodyCrc());
    }

    private static void writeTime(TimeEntry entry, ByteBuffer out) {
        out.putLong(entry.maxTimestampMs()).putLong(entry.offset());
    }

    private static void writeProducers(ProducerStateSnapshot snapshot, ByteBuffer out) {
        out.put((byte) (snapshot.complete() ? 1 : 0));
        for (ProducerEntry producer : snapshot.producers()) {
            out.putLong(producer.producerId())
                    .putShort(producer.producerEpoch())
                    .putLong(producer.lastTimestampMs())
                    .put((byte) producer.batches().size());
            for (BatchEntry batch : producer.batches()) {
                out.putInt(batch.baseSequence())
                        .putInt(batch.lastSequence())
                        .putLong(batch.baseOffset())
                        .putLong(batch.maxTimestampMs());
            }
        }
    }

    /** CRC-32C of the whole index file but for the checksum field itself. */
    private static int checksum(ByteBuffer index, int extensionStart) {
        int field = extensionStart + CRC_OFFSET;
        var crc = new CRC32C();
        crc.update(index.slice(0, field));
        crc.update(index.slice(field + Integer.BYTES, index.limit() - field - Integer.BYTES));
        return (int) crc.getValue();
    }

    /** Reads what follows the entries; empty if it is a later version of the extension, intact. */
    static Optional<IndexExtension> parse(ByteBuffer index, FieldReader fields) {
        int start = (int) fields.position();
        fields.expectI32(MAGIC, "index does not end with its entries and has no extension behind them");
        int version = fields.u16();
        int flags = fields.u16();
        int length = fields.i32();
        int stored = fields.i32();
        if (length != fields.remaining()) {
            throw fields.corrupt("index extension is torn", 0).expected(length, fields.remaining());
        }
        int computed = checksum(index.slice(), start);
        if (stored != computed) {
            throw new CorruptObjectException("index does not match its checksum", fields.object(), start + CRC_OFFSET)
                    .expected(Crc32c.toHex(stored), Crc32c.toHex(computed));
        }
        return version == VERSION && flags == 0 ? Optional.of(sections(fields)) : Optional.empty();
    }

    private static IndexExtension sections(FieldReader fields) {
        var bodies = new HashMap<Integer, FieldReader>();
        while (fields.remaining() > 0) {
            int type = fields.u16();
            var body = fields.block();
            if (KNOWN_SECTIONS.contains(type) && bodies.put(type, body) != null) {
                throw body.corrupt("index extension has a section twice", 0).with("type", type);
            }
        }
        return new IndexExtension(
                identity(section(bodies, IDENTITY, fields)),
                times(section(bodies, TIMES, fields)),
                epochs(section(bodies, EPOCHS, fields)),
                producers(section(bodies, PRODUCERS, fields)),
                maxTimestamp(section(bodies, MAX_TIMESTAMP, fields)));
    }

    private static FieldReader section(Map<Integer, FieldReader> bodies, int type, FieldReader fields) {
        var body = bodies.get(type);
        if (body == null) {
            throw fields.corrupt("index extension lacks a section", 0).with("type", type);
        }
        return body;
    }

    private static SegmentIdentity identity(FieldReader fields) {
        var identity = new SegmentIdentity(
                fields.uuid(), fields.i32(), fields.i64(), fields.i64(), fields.i64(), fields.i32());
        fields.expectEnd("index identity is too long");
        return identity;
    }

    private static TimeEntry maxTimestamp(FieldReader fields) {
        var entry = new TimeEntry(fields.i64(), fields.i64());
        fields.expectEnd("index max timestamp is too long");
        return entry;
    }

    private static List<TimeEntry> times(FieldReader fields) {
        var entries = new ArrayList<TimeEntry>(fields.remaining() / TIME_BYTES);
        while (fields.remaining() > 0) {
            entries.add(new TimeEntry(fields.i64(), fields.i64()));
        }
        checkAscending(fields, entries, TimeEntry::maxTimestampMs);
        checkAscending(fields, entries, TimeEntry::offset);
        return entries;
    }

    private static List<EpochStart> epochs(FieldReader fields) {
        var entries = new ArrayList<EpochStart>(fields.remaining() / EPOCH_BYTES);
        while (fields.remaining() > 0) {
            entries.add(new EpochStart(fields.i32(), fields.i64()));
        }
        checkAscending(fields, entries, EpochStart::leaderEpoch);
        checkAscending(fields, entries, EpochStart::startOffset);
        return entries;
    }

    private static ProducerStateSnapshot producers(FieldReader fields) {
        int complete = fields.i8();
        if (complete != 0 && complete != 1) {
            throw fields.corrupt("producer state has an unknown scope", -1).with("found", complete);
        }
        var entries = new ArrayList<ProducerEntry>(fields.remaining() / PRODUCER_BYTES);
        while (fields.remaining() > 0) {
            entries.add(producer(fields));
        }
        checkAscending(fields, entries, ProducerEntry::producerId);
        return new ProducerStateSnapshot(complete == 1, entries);
    }

    private static ProducerEntry producer(FieldReader fields) {
        long producerId = fields.nonNegativeI64("producer has a negative id");
        short producerEpoch = fields.i16();
        long lastTimestampMs = fields.i64();
        int count = fields.i8();
        if (count < 0 || count > ProducerEntry.MAX_BATCHES) {
            throw fields.corrupt("producer has an impossible number of batches", -1)
                    .with("found", count);
        }
        var batches = new ArrayList<BatchEntry>(count);
        for (int i = 0; i < count; i++) {
            batches.add(new BatchEntry(
                    fields.nonNegativeI32("producer batch has a negative sequence"),
                    fields.nonNegativeI32("producer batch has a negative sequence"),
                    fields.nonNegativeI64("producer batch has a negative offset"),
                    fields.i64()));
        }
        return new ProducerEntry(producerId, producerEpoch, batches, lastTimestampMs);
    }

    private static <T> void checkAscending(FieldReader fields, List<T> entries, ToLongFunction<T> key) {
        for (int i = 1; i < entries.size(); i++) {
            if (key.applyAsLong(entries.get(i - 1)) >= key.applyAsLong(entries.get(i))) {
                throw fields.corrupt("index section does not ascend", 0).with("entry", entries.get(i));
            }
        }
    }
}
