package io.kafscale.app.settings;

import java.util.Set;

/**
 * A network address as people write it: {@code 127.0.0.1:9092}, {@code broker.example:9092}, {@code [::1]:9092}. Immutable; names are
 * not resolved.
 *
 * @param host name or address, an IPv6 address without brackets
 * @param port 0 to 65535; 0 means any free port where something listens
 */
public record HostPort(String host, int port) {
    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");
    private static final int MAX_PORT = 65_535;

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if it is not one; the message says what to write instead
     */
    public static HostPort parse(String text) {
        String trimmed = text.trim();
        int colon = trimmed.lastIndexOf(':');
        String host = colon < 0 ? "" : trimmed.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("has an IPv6 address without brackets; write [::1]:9092");
        }
        if (host.isBlank() || host.contains("/")) {
            throw new IllegalArgumentException("is not an address; write host:port, as in 127.0.0.1:9092");
        }
        return new HostPort(host, port(trimmed.substring(colon + 1)));
    }

    private static int port(String digits) {
        if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > MAX_PORT) {
            throw new IllegalArgumentException(
                    "has no port between 0 and 65535; write host:port, as in 127.0.0.1:9092");
        }
        return Integer.parseInt(digits);
    }

    /** Whether the host stands for all interfaces, so that no client can connect to it by this name. */
    public boolean isWildcard() {
        return WILDCARDS.contains(host);
    }

    /** The form that {@link #parse} reads back. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
