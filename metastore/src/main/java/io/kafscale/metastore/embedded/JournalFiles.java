package io.kafscale.metastore.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of one metadata directory: {@code snapshot-{number}} holds all keys at the moment {@code journal-{number}} begins.
 * Numbers grow by one. For one thread at a time.
 */
final class JournalFiles {
    private static final String SNAPSHOT = "snapshot-";
    private static final String JOURNAL = "journal-";
    private static final String TEMPORARY = ".tmp";
    private static final int BUFFER = 1 << 20;

    private final Path directory;
    private final Disk disk;

    JournalFiles(Path directory, Disk disk) {
        this.directory = directory;
        this.disk = disk;
    }

    Path snapshot(long number) {
        return directory.resolve(name(SNAPSHOT, number));
    }

    Path journal(long number) {
        return directory.resolve(name(JOURNAL, number));
    }

    NavigableMap<Long, Path> snapshots() throws IOException {
        return list(SNAPSHOT);
    }

    NavigableMap<Long, Path> journals() throws IOException {
        return list(JOURNAL);
    }

    /** Starts a journal, on disk when this returns: what is written to it later is never found without its start. */
    Disk.Output createJournal(long number, long revision) throws IOException {
        Disk.Output journal = disk.create(journal(number));
        try {
            journal.write(Frame.wrap(new JournalRecord.JournalStart(number, revision).encode()));
            journal.force();
            disk.forceDirectory(directory);
            return journal;
        } catch (IOException failure) {
            journal.close();
            throw failure;
        }
    }

    /** Writes a snapshot whole, or not at all, and returns its size. */
    long publishSnapshot(long number, KeySpace.Image image) throws IOException {
        Path temporary = directory.resolve(name(SNAPSHOT, number) + TEMPORARY);
        long size = 0;
        try (Disk.Output out = disk.create(temporary)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            size += put(
                    buffer,
                    out,
                    new JournalRecord.SnapshotStart(
                            number, image.revision(), image.keys().size()));
            for (var key : image.keys()) {
                size += put(buffer, out, new JournalRecord.SnapshotKey(key));
            }
            size += put(buffer, out, new JournalRecord.SnapshotEnd(image.keys().size()));
            out.write(buffer.flip());
            out.force();
        }
        disk.rename(temporary, snapshot(number));
        disk.forceDirectory(directory);
        return size;
    }

    /** Removes what the snapshot of this number made superfluous. */
    void deleteBefore(long number) throws IOException {
        for (Path file : snapshots().headMap(number, false).values()) {
            disk.delete(file);
        }
        for (Path file : journals().headMap(number, false).values()) {
            disk.delete(file);
        }
    }

    /** Removes a journal that never held anything. */
    void deleteJournal(long number) throws IOException {
        disk.delete(journal(number));
        disk.forceDirectory(directory);
    }

    /** Removes snapshots that a crash left half-written. */
    void deleteTemporary() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, SNAPSHOT + "*" + TEMPORARY)) {
            for (Path file : files) {
                disk.delete(file);
            }
        }
    }

    private static int put(ByteBuffer buffer, Disk.Output out, JournalRecord record) throws IOException {
        ByteBuffer frame = Frame.wrap(record.encode());
        int size = frame.remaining();
        if (size > buffer.remaining()) {
            out.write(buffer.flip());
            buffer.clear();
        }
        if (size > buffer.remaining()) {
            out.write(frame);
        } else {
            buffer.put(frame);
        }
        return size;
    }

    private NavigableMap<Long, Path> list(String prefix) throws IOException {
        var found = new TreeMap<Long, Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, prefix + "*")) {
            for (Path file : files) {
                numberOf(prefix, file).ifPresent(number -> found.put(number, file));
            }
        }
        return found;
    }

    private static Optional<Long> numberOf(String prefix, Path file) {
        String digits = file.getFileName().toString().substring(prefix.length());
        return digits.matches("[0-9]{20}") ? Optional.of(Long.parseLong(digits)) : Optional.empty();
    }

    private static String name(String prefix, long number) {
        return prefix + String.format(Locale.ROOT, "%020d", number);
    }
}
