package io.kafscale.objectstore.local;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fsyncs of directories, one at a time for each, shared by all who wait for it to begin. One at a time because the kernel reports what
 * it could not write once: of two under way together the other one may then succeed although what it was for is not on the disk.
 * So nothing counts as on the disk after a failure, in no directory and for ever. Thread-safe; blocks.
 */
final class DirectorySyncs {
    private static final class Turns {
        private long begun;
        private long done;
        private boolean running;
        private int waiting;
    }

    private final DiskSync sync;
    private final Map<Path, Turns> directories = new HashMap<>();
    private @Nullable SyncFailedException failure;

    DirectorySyncs(DiskSync sync) {
        this.sync = sync;
    }

    /**
     * Returns when the entries that {@code directory} has now are on the disk.
     *
     * @throws SyncFailedException if that is in doubt, because of this fsync or an earlier one
     * @throws NoSuchFileException if the directory is gone
     */
    void sync(Path directory) throws IOException {
        Turns turns = enter(directory);
        try {
            if (begins(turns)) {
                run(directory, turns);
            }
        } finally {
            leave(directory, turns);
        }
    }

    private synchronized Turns enter(Path directory) {
        Turns turns = directories.computeIfAbsent(directory, none -> new Turns());
        turns.waiting++;
        return turns;
    }

    private synchronized void leave(Path directory, Turns turns) {
        if (--turns.waiting == 0) {
            directories.remove(directory);
        }
    }

    /** Whether the caller runs the next fsync; else one that began after this call has done it. */
    private synchronized boolean begins(Turns turns) throws SyncFailedException {
        long mine = turns.begun + 1;
        boolean interrupted = false;
        try {
            while (true) {
                if (failure != null) {
                    throw failure.again();
                }
                if (turns.done >= mine) {
                    return false;
                }
                if (!turns.running) {
                    turns.running = true;
                    turns.begun++;
                    return true;
                }
                try {
                    wait();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run(Path directory, Turns turns) throws IOException {
        boolean forced = false;
        try {
            sync.directory(directory);
            forced = true;
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (IOException failed) {
            throw remember(new SyncFailedException(directory, failed));
        } finally {
            end(turns, forced);
        }
        check();
    }

    private synchronized SyncFailedException remember(SyncFailedException failed) {
        if (failure == null) {
            failure = failed;
        }
        return failed;
    }

    private synchronized void end(Turns turns, boolean forced) {
        turns.running = false;
        if (forced) {
            turns.done = turns.begun;
        }
        notifyAll();
    }

    private synchronized void check() throws SyncFailedException {
        if (failure != null) {
            throw failure.again();
        }
    }

    /**
     * A directory's fsync failed. The kernel may have dropped what it could not write and will not say so again, so a later fsync
     * that succeeds proves nothing.
     */
    static final class SyncFailedException extends IOException {
        private static final long serialVersionUID = 1;

        SyncFailedException(Path directory, IOException cause) {
            super("fsync of the directory " + directory + " failed: " + cause.getMessage(), cause);
        }

        private SyncFailedException(SyncFailedException first) {
            super(first.getMessage(), first);
        }

        private SyncFailedException again() {
            return new SyncFailedException(this);
        }
    }
}
