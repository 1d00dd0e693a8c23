package io.kafscale.metastore.etcd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where etcd is and how to get in. Immutable.
 *
 * @param endpoints members of one cluster, or one name in front of them
 * @param tls how to speak TLS; empty for plain text
 * @param credentials user and password, if etcd asks for them
 * @param callLimit how long one call may take; also how long a member may be silent before another is tried
 */
public record EtcdSettings(
        List<Address> endpoints, Optional<Tls> tls, Optional<Credentials> credentials, Duration callLimit) {
    private static final Duration CALL_LIMIT = Duration.ofSeconds(5);

    /** Host name or address, and port. */
    public record Address(String host, int port) {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * PEM files.
     *
     * @param authority certificates that issue etcd's; empty for those that this Java trusts
     * @param identity our own certificate, if etcd asks for one
     */
    public record Tls(Optional<Path> authority, Optional<Identity> identity) {}

    /** A certificate chain and its private key, PKCS#8 without a password. */
    public record Identity(Path certificate, Path key) {}

    /** A user of etcd. */
    public record Credentials(String user, String password) {
        @Override
        public String toString() {
            return "user " + user;
        }
    }

    /** Copies the list. */
    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("etcd needs at least one endpoint");
        }
    }

    /** Plain text, no user. */
    public static EtcdSettings plain(List<Address> endpoints) {
        return new EtcdSettings(endpoints, Optional.empty(), Optional.empty(), CALL_LIMIT);
    }

    /** The same with TLS. */
    public EtcdSettings withTls(Tls how) {
        return new EtcdSettings(endpoints, Optional.of(how), credentials, callLimit);
    }

    /** The same as a user. */
    public EtcdSettings withCredentials(Credentials who) {
        return new EtcdSettings(endpoints, tls, Optional.of(who), callLimit);
    }

    /** The same with another limit for a call. */
    public EtcdSettings withCallLimit(Duration limit) {
        return new EtcdSettings(endpoints, tls, credentials, limit);
    }

    /** What and where it is, for messages. */
    String describe() {
        return endpoints.stream()
                .map(Address::toString)
                .collect(Collectors.joining(",", tls.isPresent() ? "etcds://" : "etcd://", ""));
    }
}
