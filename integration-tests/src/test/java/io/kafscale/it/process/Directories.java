package io.kafscale.it.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where tests find and leave files: all below the module's directory. */
public final class Directories {
    private static final Path MODULE =
            Path.of(System.getProperty("it.module", "")).toAbsolutePath();

    private static final Path DATA = MODULE.resolve("target/data");
    private static final String TEMPORARY = "temporary";

    private Directories() {}

    /** The module {@code integration-tests}. */
    public static Path module() {
        return MODULE;
    }

    /** What processes have said. */
    public static Path logs() {
        return MODULE.resolve("target/processes");
    }

    /** A new empty directory for data of {@code name}. */
    public static Path newData(String name) {
        try {
            return Files.createTempDirectory(Files.createDirectories(DATA), name + "-");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A new empty directory for the temporary files of one process. */
    static Path newTemporary() {
        return newData(TEMPORARY);
    }

    /** Whether it is one of those. */
    static boolean isTemporary(Path directory) {
        return directory.startsWith(DATA) && directory.getFileName().toString().startsWith(TEMPORARY + "-");
    }

    /** Deletes {@code directory} with everything in it, unless the run keeps its data ({@code -Dit.keep=true}). */
    public static void delete(Path directory) {
        if (Boolean.getBoolean("it.keep")) {
            return;
        }
        try (Stream<Path> found = Files.walk(directory)) {
            List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
