package io.kafscale.metastore.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A real directory that is never forced to the disk: enough for a test that does not cut the power, and much faster. */
final class UnforcedDisk implements Disk {
    private final Disk real = Disk.real();

    @Override
    public Output create(Path file) throws IOException {
        return unforced(real.create(file));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        real.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        real.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) {}

    private static Output unforced(Output output) {
        return new Output() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                output.write(bytes);
            }

            @Override
            public void force() {}

            @Override
            public void close() throws IOException {
                output.close();
            }
        };
    }
}
