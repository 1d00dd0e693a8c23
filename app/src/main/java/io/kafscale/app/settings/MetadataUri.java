package io.kafscale.app.settings;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Where metadata is stored. Immutable. */
public sealed interface MetadataUri {
    /** How the address of an etcd begins. */
    String PLAIN = "etcd://";

    /** How the address of an etcd begins that speaks TLS. */
    String TLS = "etcds://";

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

    /**
     * An etcd cluster.
     *
     * @param endpoints its members, or one name in front of them
     * @param tls whether it speaks TLS
     */
    record Etcd(List<HostPort> endpoints, boolean tls) implements MetadataUri {
        /** Copies the list. */
        public Etcd {
            endpoints = List.copyOf(endpoints);
        }

        @Override
        public String toString() {
            return (tls ? TLS : PLAIN)
                    + String.join(
                            ",", endpoints.stream().map(HostPort::toString).toList());
        }
    }

    /**
     * Reads {@code file:…}, {@code memory:}, {@code etcd://…} or {@code etcds://…}.
     *
     * @throws IllegalArgumentException if it is none of them; the message says what to write instead
     */
    static MetadataUri parse(String text) {
        String trimmed = text.trim();
        if (trimmed.startsWith("file:")) {
            return new Directory(StorageUri.directory(trimmed));
        }
        if (trimmed.startsWith(PLAIN)) {
            return new Etcd(endpoints(trimmed.substring(PLAIN.length())), false);
        }
        if (trimmed.startsWith(TLS)) {
            return new Etcd(endpoints(trimmed.substring(TLS.length())), true);
        }
        if (trimmed.equals("memory:")) {
            return new Memory();
        }
        throw new IllegalArgumentException(
                "is not a place for metadata; write file:///dir, file:./dir, etcd://host:port,"
                        + "host:port, etcds:// for etcd with TLS, or memory:");
    }

    private static List<HostPort> endpoints(String text) {
        return Arrays.stream(text.replaceFirst("/$", "").split(",", -1))
                .map(HostPort::parse)
                .toList();
    }
}
