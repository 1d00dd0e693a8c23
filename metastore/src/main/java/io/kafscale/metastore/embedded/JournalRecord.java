package io.kafscale.metastore.embedded;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.WatchListener.Change;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the frames of journals and snapshots hold. */
sealed interface JournalRecord {
    /** The version of the files this code writes and reads. */
    int VERSION = 1;

    /**
     * The first record of a journal.
     *
     * @param number the journal's, as in its name
     * @param revision the one before the first that it holds
     */
    record JournalStart(long number, long revision) implements JournalRecord {}

    /**
     * One revision.
     *
     * @param durableRevision the last one that was on disk when this was written: proof that nothing up to it may be missing
     */
    record Commit(long durableRevision, long revision, List<Change> changes) implements JournalRecord {}

    /** The journal was closed in order; nothing follows in this file, or a later start appended to it. */
    record CleanEnd(long revision) implements JournalRecord {}

    /** The first record of a snapshot. */
    record SnapshotStart(long number, long revision, long keys) implements JournalRecord {}

    /** One key of a snapshot. */
    record SnapshotKey(KeyValue key) implements JournalRecord {}

    /** The last record of a snapshot. */
    record SnapshotEnd(long keys) implements JournalRecord {}

    /** A whole frame whose content this code cannot read. */
    final class UnknownRecordException extends Exception {
        private static final long serialVersionUID = 1;

        UnknownRecordException(String what) {
            super(what);
        }
    }

    /** The body of a frame. */
    default ByteBuffer encode() {
        return switch (this) {
            case JournalStart start ->
                header(1, 16).putLong(start.number()).putLong(start.revision()).flip();
            case Commit commit -> {
                ByteBuffer body = header(2, 20 + sizeOf(commit.changes()))
                        .putLong(commit.durableRevision())
                        .putLong(commit.revision())
                        .putInt(commit.changes().size());
                for (Change change : commit.changes()) {
                    switch (change) {
                        case Change.Put put -> putKey(body.put((byte) 1), put.now());
                        case Change.Deleted deleted -> putText(body.put((byte) 2), deleted.key());
                    }
                }
                yield body.flip();
            }
            case CleanEnd end -> header(3, 8).putLong(end.revision()).flip();
            case SnapshotStart start ->
                header(11, 24)
                        .putLong(start.number())
                        .putLong(start.revision())
                        .putLong(start.keys())
                        .flip();
            case SnapshotKey key ->
                putKey(header(12, sizeOf(key.key())), key.key()).flip();
            case SnapshotEnd end -> header(13, 8).putLong(end.keys()).flip();
        };
    }

    /** Reads the body of a frame whose checksum was right. */
    static JournalRecord decode(ByteBuffer body) throws UnknownRecordException {
        try {
            int type = body.get();
            int version = body.get();
            if (version != VERSION) {
                throw new UnknownRecordException("version " + version + ", this software knows " + VERSION);
            }
            JournalRecord record = switch (type) {
                case 1 -> new JournalStart(body.getLong(), body.getLong());
                case 2 -> commit(body);
                case 3 -> new CleanEnd(body.getLong());
                case 11 -> new SnapshotStart(body.getLong(), body.getLong(), body.getLong());
                case 12 -> new SnapshotKey(key(body));
                case 13 -> new SnapshotEnd(body.getLong());
                default -> throw new UnknownRecordException("a record of type " + type);
            };
            if (body.hasRemaining()) {
                throw new UnknownRecordException("a record with " + body.remaining() + " bytes too many");
            }
            return record;
        } catch (BufferUnderflowException tooShort) {
            throw new UnknownRecordException("a record that ends too early");
        }
    }

    private static Commit commit(ByteBuffer body) throws UnknownRecordException {
        long durable = body.getLong();
        long revision = body.getLong();
        int count = body.getInt();
        if (count < 0 || count > body.remaining()) {
            throw new UnknownRecordException("a record of " + count + " changes");
        }
        var changes = new ArrayList<Change>(count);
        for (int i = 0; i < count; i++) {
            int kind = body.get();
            changes.add(
                    switch (kind) {
                        case 1 -> new Change.Put(key(body));
                        case 2 -> new Change.Deleted(text(body), revision);
                        default -> throw new UnknownRecordException("a change of kind " + kind);
                    });
        }
        return new Commit(durable, revision, changes);
    }

    private static KeyValue key(ByteBuffer body) throws UnknownRecordException {
        String name = text(body);
        return new KeyValue(name, Bytes.copyOf(blob(body)), body.getLong(), body.getLong(), body.getLong());
    }

    private static ByteBuffer putKey(ByteBuffer body, KeyValue key) {
        putText(body, key.key());
        body.putInt(key.value().size()).put(key.value().asBuffer());
        return body.putLong(key.createRevision()).putLong(key.modRevision()).putLong(key.leaseId());
    }

    private static String text(ByteBuffer body) throws UnknownRecordException {
        return StandardCharsets.UTF_8.decode(blob(body)).toString();
    }

    private static ByteBuffer putText(ByteBuffer body, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return body.putInt(bytes.length).put(bytes);
    }

    private static ByteBuffer blob(ByteBuffer body) throws UnknownRecordException {
        int length = body.getInt();
        if (length < 0 || length > body.remaining()) {
            throw new UnknownRecordException("a field of " + length + " bytes");
        }
        ByteBuffer blob = body.slice(body.position(), length);
        body.position(body.position() + length);
        return blob;
    }

    private static ByteBuffer header(int type, int size) {
        return ByteBuffer.allocate(2 + size).put((byte) type).put((byte) VERSION);
    }

    private static int sizeOf(List<Change> changes) {
        long size = 0;
        for (Change change : changes) {
            size += switch (change) {
                case Change.Put put -> 1 + sizeOf(put.now());
                case Change.Deleted deleted -> 5L + utf8Length(deleted.key());
            };
        }
        if (size > Frame.MAX_BODY - 64) {
            throw new IllegalArgumentException("a revision of " + size + " bytes is too large to be journaled");
        }
        return (int) size;
    }

    private static int sizeOf(KeyValue key) {
        return 32 + utf8Length(key.key()) + key.value().size();
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
