package io.kafscale.metastore.embedded;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.WatchListener.Change;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a metadata directory: the newest snapshot, then the journals from its number on, each of which begins where the one before
 * ends. Only the end of the last journal may be torn, and only if nothing proves that what is missing was on disk once; everything
 * else that is damaged stops the start. Changes nothing but what a first start left behind that came to nothing.
 */
final class JournalLoader {
    private static final Logger LOG = LoggerFactory.getLogger(JournalLoader.class);

    /**
     * What was found.
     *
     * @param number the highest that a file has; 0 if there is nothing
     */
    record Loaded(KeySpace keys, long number) {}

    private final JournalFiles files;

    JournalLoader(JournalFiles files) {
        this.files = files;
    }

    Loaded load() throws IOException {
        files.deleteTemporary();
        NavigableMap<Long, Path> journals = files.journals();
        NavigableMap<Long, Path> snapshots = files.snapshots();
        if (snapshots.isEmpty()) {
            return begin(journals);
        }
        long first = snapshots.lastKey();
        KeySpace keys = readSnapshot(first, snapshots.lastEntry().getValue());
        // A start was cut short that had written this snapshot and had not begun its journal: see Journal.
        boolean maybeUnborn = !journals.headMap(first).isEmpty();
        if (maybeUnborn && !journals.containsKey(first)) {
            return new Loaded(keys, first);
        }
        long last = journals.isEmpty() ? first : Math.max(first, journals.lastKey());
        for (long number = first; number <= last; number++) {
            Path journal = journals.get(number);
            if (journal == null) {
                throw new MetadataException(Kind.CORRUPT, files.journal(number) + " is missing");
            }
            replay(number, journal, keys, number == last, maybeUnborn || number > first);
        }
        return new Loaded(keys, last);
    }

    /**
     * What a directory holds that another process may be writing to; changes nothing. Ends of journals that are being written count as
     * torn.
     */
    KeySpace view() throws IOException {
        NavigableMap<Long, Path> snapshots = files.snapshots();
        if (snapshots.isEmpty()) {
            return new KeySpace();
        }
        long first = snapshots.lastKey();
        NavigableMap<Long, Path> journals = files.journals().tailMap(first, true);
        KeySpace keys = readSnapshot(first, snapshots.lastEntry().getValue());
        long next = first;
        for (Map.Entry<Long, Path> journal : journals.entrySet()) {
            if (journal.getKey() != next++) {
                throw new MetadataException(Kind.CORRUPT, files.journal(next - 1) + " is missing");
            }
            boolean last = journal.getKey().equals(journals.lastKey());
            replay(journal.getKey(), journal.getValue(), keys, last, journal.getKey() > first);
        }
        return keys;
    }

    /** A new directory, or one whose very first start was cut short. */
    private Loaded begin(Map<Long, Path> journals) throws IOException {
        for (var journal : journals.entrySet()) {
            try (var reader = new FrameReader(journal.getValue())) {
                if (journal.getKey() != 1 || holdsCommits(reader)) {
                    throw new MetadataException(
                            Kind.CORRUPT, journal.getValue() + " is there, but the snapshot before it is missing");
                }
            }
            files.deleteJournal(1);
        }
        return new Loaded(new KeySpace(), 0);
    }

    private static KeySpace readSnapshot(long number, Path file) throws IOException {
        try (var reader = new FrameReader(file)) {
            if (!(nextOf(reader) instanceof JournalRecord.SnapshotStart start) || start.number() != number) {
                throw damaged(file, 0, "no start of this snapshot is");
            }
            var keys = new ArrayList<KeyValue>();
            while (true) {
                long at = reader.position();
                JournalRecord record = nextOf(reader);
                if (record instanceof JournalRecord.SnapshotKey key) {
                    keys.add(key.key());
                } else if (record.equals(new JournalRecord.SnapshotEnd(start.keys()))
                        && keys.size() == start.keys()
                        && reader.atEnd()) {
                    return KeySpace.restored(new KeySpace.Image(start.revision(), keys));
                } else {
                    throw damaged(file, at, "a record that does not belong there is");
                }
            }
        }
    }

    private static JournalRecord nextOf(FrameReader reader) throws IOException {
        long at = reader.position();
        ByteBuffer body = reader.next().orElseThrow(() -> damaged(reader.file(), at, "no whole record is"));
        return decode(reader.file(), at, body);
    }

    /**
     * Applies a journal.
     *
     * @param last whether its end may be torn
     * @param mayBeUnborn whether even its first record may be
     */
    private static void replay(long number, Path file, KeySpace keys, boolean last, boolean mayBeUnborn)
            throws IOException {
        try (var reader = new FrameReader(file)) {
            Optional<ByteBuffer> start = reader.next();
            if (start.isEmpty()) {
                if (last && mayBeUnborn && !holdsCommits(reader)) {
                    return;
                }
                throw damaged(file, 0, "no whole record is");
            }
            if (!decode(file, 0, start.get()).equals(new JournalRecord.JournalStart(number, keys.revision()))) {
                throw damaged(file, 0, "not the start that follows revision " + keys.revision() + " is");
            }
            while (!reader.atEnd()) {
                long at = reader.position();
                Optional<ByteBuffer> body = reader.next();
                if (body.isEmpty()) {
                    checkTorn(reader, at, keys.revision() + 1, last);
                    LOG.warn(
                            "The end of {} was torn by a crash: {} bytes after position {}, which were never"
                                    + " acknowledged, are left out",
                            file,
                            reader.size() - at,
                            at);
                    return;
                }
                apply(file, at, decode(file, at, body.get()), keys);
            }
        }
    }

    private static void apply(Path file, long at, JournalRecord record, KeySpace keys) {
        switch (record) {
            case JournalRecord.Commit commit
            when commit.revision() == keys.revision() + 1 -> keys.apply(commit.revision(), commit.changes());
            case JournalRecord.CleanEnd end when end.revision() == keys.revision() -> {}
            default -> throw damaged(file, at, "a record that does not follow revision " + keys.revision() + " is");
        }
    }

    /** A crash tears only what was never acknowledged: a later record that says otherwise makes it damage. */
    private static void checkTorn(FrameReader reader, long at, long lostRevision, boolean last) throws IOException {
        if (!last) {
            throw damaged(reader.file(), at, "no whole record is");
        }
        Optional<ByteBuffer> later = reader.scan(at + 1);
        while (later.isPresent()) {
            boolean proof = switch (decode(reader.file(), at, later.get())) {
                case JournalRecord.Commit commit -> commit.durableRevision() >= lostRevision;
                case JournalRecord.CleanEnd end -> end.revision() >= lostRevision;
                default -> true;
            };
            if (proof) {
                throw damaged(reader.file(), at, "no whole record is, but later ones are there: one");
            }
            later = reader.scan(reader.position());
        }
    }

    private static boolean holdsCommits(FrameReader reader) throws IOException {
        Optional<ByteBuffer> frame = reader.scan(0);
        while (frame.isPresent()) {
            if (decode(reader.file(), reader.position(), frame.get()) instanceof JournalRecord.Commit) {
                return true;
            }
            frame = reader.scan(reader.position());
        }
        return false;
    }

    private static JournalRecord decode(Path file, long at, ByteBuffer body) {
        try {
            return JournalRecord.decode(body);
        } catch (JournalRecord.UnknownRecordException unknown) {
            throw damaged(file, at, unknown.getMessage() + " is");
        }
    }

    private static MetadataException damaged(Path file, long at, String what) {
        return new MetadataException(
                Kind.CORRUPT,
                "the metadata file " + file + " is damaged: " + what + " at position " + at
                        + "; restore the directory from its newest copy, or move it away, and run 'kafscale recover', which"
                        + " rebuilds the metadata from the object store");
    }

    /** Deletes every key of a lease: leases do not outlive the process that kept them. */
    static List<Change> deadLeases(KeySpace keys) {
        return keys.image().keys().stream()
                .filter(key -> key.leaseId() != 0)
                .map(key -> (Change) new Change.Deleted(key.key(), keys.revision() + 1))
                .toList();
    }
}
