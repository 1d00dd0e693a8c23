package io.kafscale.metastore.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.random.RandomGenerator;

/**
 * A disk that does what it is told a number of times and then dies: every later step fails, and what was written but not forced
 * when it died is on the disk in part only. Thread-safe.
 */
final class CrashingDisk implements Disk {
    private final Disk real = new UnforcedDisk();
    private final RandomGenerator random;
    private long stepsLeft;

    CrashingDisk(long steps, RandomGenerator random) {
        this.stepsLeft = steps;
        this.random = random;
    }

    synchronized boolean dead() {
        return stepsLeft < 0;
    }

    @Override
    public synchronized Output create(Path file) throws IOException {
        step();
        return new Torn(file, real.create(file));
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

    private void step() throws IOException {
        if (--stepsLeft < 0) {
            stepsLeft = -1;
            throw new IOException("the disk died");
        }
    }

    private final class Torn implements Output {
        private final Path file;
        private final Output output;
        private long forced;
        private long written;

        Torn(Path file, Output output) {
            this.file = file;
            this.output = output;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            synchronized (CrashingDisk.this) {
                long length = bytes.remaining();
                boolean alive = stepsLeft >= 0;
                try {
                    step();
                } catch (IOException died) {
                    if (alive) {
                        output.write(bytes);
                        tear(written + length);
                    }
                    throw died;
                }
                output.write(bytes);
                written += length;
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (CrashingDisk.this) {
                boolean alive = stepsLeft >= 0;
                try {
                    step();
                } catch (IOException died) {
                    if (alive) {
                        tear(written);
                    }
                    throw died;
                }
                output.force();
                forced = written;
            }
        }

        /** What was not forced: cut somewhere, and with a sector of zeros somewhere. */
        private void tear(long end) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                long cut = forced + random.nextLong(end - forced + 1);
                channel.truncate(cut);
                if (cut > forced && random.nextBoolean()) {
                    long zeroFrom = forced + random.nextLong(cut - forced);
                    int zeros = (int) Math.min(512, cut - zeroFrom);
                    channel.write(ByteBuffer.allocate(zeros), zeroFrom);
                }
            }
        }

        @Override
        public void close() throws IOException {
            output.close();
        }
    }
}
