package io.kafscale.app.settings;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Where metadata is stored. Immutable. */
public sealed interface MetadataUri {
    /** The embedded store, in a directory of its own. */
    record Directory(Path path) implements MetadataUri {
        @Override
        public String toString() {
            return StorageUri.printed(path);
        }
    }

    /** The embedded store without a directory: gone when the process ends. */
    record Memory() implements MetadataUri {
        @Override
        public String toString() {
            return "memory:";
        }
    }

    /** An etcd cluster. */
    record Etcd(List<HostPort> endpoints) implements MetadataUri {
        /** Copies the list. */
        public Etcd {
            endpoints = List.copyOf(endpoints);
        }

        @Override
        public String toString() {
            return "etcd://"
                    + String.join(
                            ",", endpoints.stream().map(HostPort::toString).toList());
        }
    }

    /**
     * Reads {@code file:…}, {@code memory:} or {@code etcd://…}.
     *
     * @throws IllegalArgumentException if it is none of them; the message says what to write instead
     */
    static MetadataUri parse(String text) {
        String trimmed = text.trim();
        if (trimmed.startsWith("file:")) {
            return new Directory(StorageUri.directory(trimmed));
        }
        if (trimmed.startsWith("etcd://")) {
            return new Etcd(Arrays.stream(trimmed.substring("etcd://".length()).split(",", -1))
                    .map(HostPort::parse)
                    .toList());
        }
        if (trimmed.equals("memory:")) {
            return new Memory();
        }
        throw new IllegalArgumentException("is not a place for metadata; write file:///dir, file:./dir or memory:");
    }
}
