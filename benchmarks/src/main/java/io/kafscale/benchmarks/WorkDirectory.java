package io.kafscale.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The directory that has those of the brokers in it. Stateless. */
final class WorkDirectory {
    private static final int LIMIT_SECONDS = 10;

    private WorkDirectory() {}

    /**
     * Asks an ext4 file system to give each directory that is made in this one a place of its own on the disk, as it does in its root,
     * instead of one beside its neighbours. Without a journal ext4 gives out no inode that was in use during the last minutes, and
     * looks at each of them whenever a file is created near by: what had been deleted before, here or anywhere near, would decide what
     * is measured. Other file systems know no such thing, and nothing is lost there.
     */
    static void spread(Path directory) throws InterruptedException {
        try {
            var process = new ProcessBuilder("chattr", "+T", directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (IOException noSuchProgram) {
            System.out.println("There is no chattr here: each broker's directory is where the file system puts it");
        }
    }

    /** Deletes the directory with all that is in it. */
    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
