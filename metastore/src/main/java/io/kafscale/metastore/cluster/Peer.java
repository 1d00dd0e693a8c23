package io.kafscale.metastore.cluster;

/**
 * Another broker to keep in touch with. Immutable.
 *
 * @param host its advertised host
 * @param port its advertised port
 */
public record Peer(BrokerIncarnation incarnation, String host, int port) {
    static Peer of(BrokerRegistration registration) {
        return new Peer(registration.incarnation(), registration.host(), registration.port());
    }
}
