package io.kafscale.app.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where records are stored. Immutable. */
public sealed interface StorageUri {
    /** Whether a PUT costs money, which is what the default of {@code wal.flush.rate} depends on. */
    boolean requestsCost();

    /** Objects as files below a directory, relative to the working directory or absolute. */
    record Directory(Path path) implements StorageUri {
        @Override
        public boolean requestsCost() {
            return false;
        }

        @Override
        public String toString() {
            return printed(path);
        }
    }

    /**
     * A bucket of an S3 service, or the part of it below a prefix.
     *
     * @param prefix empty, or path elements joined by {@code /} without one at either end
     */
    record S3(String bucket, String prefix) implements StorageUri {
        @Override
        public boolean requestsCost() {
            return true;
        }

        @Override
        public String toString() {
            return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
        }
    }

    /** The heap: gone when the process ends. */
    record Memory() implements StorageUri {
        @Override
        public boolean requestsCost() {
            return false;
        }

        @Override
        public String toString() {
            return "memory:";
        }
    }

    /**
     * Reads {@code file:…}, {@code s3://…} or {@code memory:}.
     *
     * @throws IllegalArgumentException if it is none of them; the message says what to write instead
     */
    static StorageUri parse(String text) {
        String trimmed = text.trim();
        if (trimmed.startsWith("file:")) {
            return new Directory(directory(trimmed));
        }
        if (trimmed.startsWith("s3:")) {
            return s3(trimmed);
        }
        if (trimmed.equals("memory:")) {
            return new Memory();
        }
        throw new IllegalArgumentException(
                "is not a place to store; write file:///dir, file:./dir, s3://bucket/prefix or memory:");
    }

    private static S3 s3(String text) {
        if (!text.startsWith("s3://")) {
            throw new IllegalArgumentException("is not a bucket; write s3://bucket or s3://bucket/prefix");
        }
        String rest = text.substring("s3://".length());
        int slash = rest.indexOf('/');
        String bucket = slash < 0 ? rest : rest.substring(0, slash);
        String prefix = slash < 0 ? "" : rest.substring(slash + 1).replaceAll("/+$", "");
        if (!bucket.matches("[A-Za-z0-9][A-Za-z0-9._-]+") || prefix.startsWith("/") || prefix.contains("//")) {
            throw new IllegalArgumentException("is not a bucket; write s3://bucket or s3://bucket/prefix");
        }
        return new S3(bucket, prefix);
    }

    /** The directory of {@code file:///dir}, {@code file:/dir}, {@code file:dir} or {@code file:./dir}. */
    static Path directory(String text) {
        String rest = text.substring("file:".length());
        if (rest.startsWith("//") && !rest.startsWith("///")) {
            throw new IllegalArgumentException(
                    "names a host, not a directory; write file:///dir (three slashes) or file:./dir");
        }
        try {
            Path path = rest.startsWith("/") ? Path.of(new URI("file", null, trimSlashes(rest), null)) : Path.of(rest);
            if (rest.isBlank()) {
                throw new IllegalArgumentException("names no directory; write file:///dir or file:./dir");
            }
            return path.normalize();
        } catch (URISyntaxException | InvalidPathException malformed) {
            throw new IllegalArgumentException("is not a directory we can name: " + malformed.getMessage(), malformed);
        }
    }

    private static String trimSlashes(String absolute) {
        return absolute.replaceFirst("^/+", "/");
    }

    /** The URI form of a directory, relative or absolute. */
    static String printed(Path path) {
        return path.isAbsolute() ? "file://" + path : "file:./" + path;
    }
}
