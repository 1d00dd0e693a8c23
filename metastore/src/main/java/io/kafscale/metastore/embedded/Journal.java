package io.kafscale.metastore.embedded;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.WatchListener.Change;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commit log of a directory. One thread writes: everything that waits goes out in one write and one fsync, while the next
 * revisions gather. When the journal has outgrown the last snapshot, a new journal begins, and a second thread writes the snapshot
 * that makes the old one superfluous. The first failure is the last: nothing is ever written again to files whose state is unknown,
 * by this process or the next, which begins with a snapshot and a journal of its own.
 */
final class Journal implements CommitLog {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int MAX_GROUP_BYTES = 8 << 20;

    /** What the writer does, in order. */
    private sealed interface Item {
        record Append(long revision, List<Change> changes) implements Item {}

        record Snapshot(KeySpace.Image image) implements Item {}
    }

    private final JournalFiles files;
    private final EmbeddedSettings settings;
    private final DirectoryLock lock;
    private final KeySpace loaded;
    private final Thread writer =
            Thread.ofPlatform().name("metadata-journal").daemon().unstarted(this::run);

    // Guarded by this.
    private final Deque<Item> queue = new ArrayDeque<>();
    private boolean closing;
    private boolean snapshotting;
    private long journalBytes;
    private long snapshotBytes;
    private @Nullable Throwable failure;

    // Of the writer thread, once it runs.
    private @Nullable Listener listener;
    private @Nullable Thread snapshotWriter;
    private Disk.Output output;
    private long number;
    private long durableRevision;

    private Journal(JournalFiles files, EmbeddedSettings settings, DirectoryLock lock, Beginning beginning) {
        this.files = files;
        this.settings = settings;
        this.lock = lock;
        this.output = beginning.output();
        this.loaded = beginning.keys();
        this.number = beginning.number();
        this.durableRevision = beginning.keys().revision();
        this.snapshotBytes = beginning.snapshotBytes();
    }

    /** Locks and reads {@code directory}, and ends the leases of whoever had it open before. */
    static Journal open(Path directory, EmbeddedSettings settings, Disk disk) {
        try {
            DirectoryLock lock = DirectoryLock.acquire(directory, disk);
            try {
                var files = new JournalFiles(directory, disk);
                var journal = new Journal(files, settings, lock, Beginning.in(files, new JournalLoader(files).load()));
                journal.endDeadLeases();
                return journal;
            } catch (IOException | RuntimeException failed) {
                lock.close();
                throw failed;
            }
        } catch (IOException refused) {
            throw new MetadataException(
                    Kind.UNAVAILABLE, "the metadata directory " + directory + " cannot be opened: " + refused, refused);
        }
    }

    /**
     * The files that a process begins with, its own from the first byte. What it found in those of the process before it may be in
     * the memory of the operating system only, which forgets that the disk failed, and is not made durable by forcing it again: so
     * everything that counts is written anew, and forced, before anything is promised or deleted.
     */
    private record Beginning(KeySpace keys, long number, Disk.Output output, long snapshotBytes) {
        static Beginning in(JournalFiles files, JournalLoader.Loaded found) throws IOException {
            KeySpace keys = found.keys();
            long number = found.number() + 1;
            if (found.number() == 0) {
                // In this order, as a snapshot without journal and without anything before it is damage.
                Disk.Output first = files.createJournal(number, keys.revision());
                return new Beginning(keys, number, first, publish(files, number, keys, first));
            }
            // In this order, as the end of the journal before it may be torn, which nothing may follow.
            long bytes = files.publishSnapshot(number, keys.image());
            Disk.Output output = files.createJournal(number, keys.revision());
            try {
                files.deleteBefore(number);
            } catch (IOException failure) {
                output.close();
                throw failure;
            }
            return new Beginning(keys, number, output, bytes);
        }

        private static long publish(JournalFiles files, long number, KeySpace keys, Disk.Output journal)
                throws IOException {
            try {
                return files.publishSnapshot(number, keys.image());
            } catch (IOException failure) {
                journal.close();
                throw failure;
            }
        }
    }

    /** What the directory held; the caller's from now on. */
    KeySpace takeLoaded() {
        return loaded;
    }

    @Override
    public void start(Listener told) {
        listener = told;
        writer.start();
    }

    @Override
    public void append(long revision, List<Change> changes) {
        enqueue(new Item.Append(revision, changes));
    }

    @Override
    public synchronized boolean wantsSnapshot() {
        return !snapshotting && journalBytes > Math.max(settings.snapshotAfterBytes(), 2 * snapshotBytes);
    }

    @Override
    public void snapshot(KeySpace.Image image) {
        synchronized (this) {
            snapshotting = true;
        }
        enqueue(new Item.Snapshot(image));
    }

    @Override
    public boolean blocks() {
        return true;
    }

    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        boolean interrupted = joined(writer);
        if (snapshotWriter != null) {
            interrupted |= joined(snapshotWriter);
        }
        try (lock;
                Disk.Output last = output) {
            LOG.debug("Closing {} of metadata journal {} at revision {}", last, number, durableRevision);
        } catch (IOException failed) {
            LOG.warn("Cannot close the files of the metadata journal", failed);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void enqueue(Item item) {
        // After a failure nothing is written any more; whoever waits has been told.
        if (failure == null) {
            queue.add(item);
            notifyAll();
        }
    }

    private void endDeadLeases() throws IOException {
        List<Change> changes = JournalLoader.deadLeases(loaded);
        if (!changes.isEmpty()) {
            long revision = loaded.revision() + 1;
            write(List.of(frame(new Item.Append(revision, changes))), revision);
            loaded.apply(revision, changes);
        }
    }

    private void run() {
        try {
            List<Item> items = take();
            while (!items.isEmpty()) {
                process(items);
                items = take();
            }
            output.write(Frame.wrap(new JournalRecord.CleanEnd(durableRevision).encode()));
            output.force();
        } catch (IOException | RuntimeException | Error failed) {
            fail(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            fail(stopped);
        }
    }

    /** What waits, as soon as anything does; nothing once this is closing or has failed. */
    private synchronized List<Item> take() throws InterruptedException {
        while (queue.isEmpty() && !closing) {
            wait();
        }
        var items = new ArrayList<>(queue);
        queue.clear();
        return items;
    }

    private void process(List<Item> items) throws IOException {
        var group = new ArrayList<ByteBuffer>();
        long bytes = 0;
        long revision = durableRevision;
        for (Item item : items) {
            switch (item) {
                case Item.Append append -> {
                    ByteBuffer frame = frame(append);
                    if (bytes > 0 && bytes + frame.remaining() > MAX_GROUP_BYTES) {
                        write(group, revision);
                        group.clear();
                        bytes = 0;
                        frame = frame(append);
                    }
                    group.add(frame);
                    bytes += frame.remaining();
                    revision = append.revision();
                }
                case Item.Snapshot snapshot -> {
                    write(group, revision);
                    group.clear();
                    bytes = 0;
                    beginNext(snapshot.image());
                }
            }
        }
        write(group, revision);
    }

    private ByteBuffer frame(Item.Append append) {
        return Frame.wrap(new JournalRecord.Commit(durableRevision, append.revision(), append.changes()).encode());
    }

    private void write(List<ByteBuffer> group, long revision) throws IOException {
        if (group.isEmpty()) {
            return;
        }
        int bytes = group.stream().mapToInt(ByteBuffer::remaining).sum();
        if (group.size() == 1) {
            output.write(group.getFirst());
        } else {
            ByteBuffer joined = ByteBuffer.allocate(bytes);
            group.forEach(joined::put);
            output.write(joined.flip());
        }
        output.force();
        durableRevision = revision;
        synchronized (this) {
            journalBytes += bytes;
        }
        if (listener != null) {
            listener.onDurable(revision);
        }
    }

    /** Goes on in a new journal, and has the snapshot written that it follows. */
    private void beginNext(KeySpace.Image image) throws IOException {
        Disk.Output next = files.createJournal(number + 1, image.revision());
        output.close();
        output = next;
        number++;
        long snapshotNumber = number;
        synchronized (this) {
            journalBytes = 0;
        }
        snapshotWriter =
                Thread.ofPlatform().name("metadata-snapshot").daemon().start(() -> publish(snapshotNumber, image));
    }

    private void publish(long snapshotNumber, KeySpace.Image image) {
        try {
            long bytes = files.publishSnapshot(snapshotNumber, image);
            files.deleteBefore(snapshotNumber);
            synchronized (this) {
                snapshotBytes = bytes;
                snapshotting = false;
            }
        } catch (IOException | RuntimeException | Error failed) {
            fail(failed);
        }
    }

    private void fail(Throwable cause) {
        synchronized (this) {
            if (failure != null) {
                return;
            }
            failure = cause;
            queue.clear();
            closing = true;
            notifyAll();
        }
        if (listener != null) {
            listener.onFailure(cause);
        }
    }

    private static boolean joined(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
    }
}
