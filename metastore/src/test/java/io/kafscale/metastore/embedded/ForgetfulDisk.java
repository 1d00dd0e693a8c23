package io.kafscale.metastore.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk behind an operating system that keeps what was written in its own memory, shows it to whoever reads, and takes it for
 * written once it has reported a failed force: no later force brings it to the disk, and a power cut shows that. Thread-safe.
 */
final class ForgetfulDisk implements Disk {
    private record Lost(Path file, long from, long to) {}

    private final Disk real = new UnforcedDisk();
    private final List<Lost> lost = new ArrayList<>();
    private final List<Cached> open = new ArrayList<>();
    private boolean failing;
    private long stepsLeft = Long.MAX_VALUE;

    /** The next force of a file fails. */
    synchronized void failNextForce() {
        failing = true;
    }

    /** Dies after some more steps. */
    synchronized void dieAfter(long steps) {
        stepsLeft = steps;
    }

    synchronized boolean dead() {
        return stepsLeft < 0;
    }

    /** Everything that never reached the disk is gone; the disk works again. */
    synchronized void cutPower() throws IOException {
        stepsLeft = Long.MAX_VALUE;
        open.forEach(output -> lost.add(new Lost(output.file, output.forced, output.written)));
        open.clear();
        for (Lost range : lost) {
            if (Files.exists(range.file()) && range.to() > range.from()) {
                try (FileChannel channel = FileChannel.open(range.file(), StandardOpenOption.WRITE)) {
                    int hole = (int) (Math.min(range.to(), channel.size()) - range.from());
                    channel.write(ByteBuffer.allocate(Math.max(0, hole)), range.from());
                }
            }
        }
        lost.clear();
    }

    private void step() throws IOException {
        if (--stepsLeft < 0) {
            stepsLeft = -1;
            throw new IOException("the disk died");
        }
    }

    @Override
    public synchronized Output create(Path file) throws IOException {
        step();
        var output = new Cached(file, real.create(file));
        open.add(output);
        return output;
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        step();
        real.rename(from, to);
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        step();
        real.delete(file);
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        step();
        real.forceDirectory(directory);
    }

    private final class Cached implements Output {
        private final Path file;
        private final Output output;
        private long forced;
        private long written;

        Cached(Path file, Output output) {
            this.file = file;
            this.output = output;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            synchronized (ForgetfulDisk.this) {
                step();
                written += bytes.remaining();
                output.write(bytes);
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (ForgetfulDisk.this) {
                step();
                if (failing) {
                    failing = false;
                    lost.add(new Lost(file, forced, written));
                    forced = written;
                    throw new IOException("the disk is broken");
                }
                forced = written;
            }
        }

        @Override
        public void close() throws IOException {
            output.close();
        }
    }
}
