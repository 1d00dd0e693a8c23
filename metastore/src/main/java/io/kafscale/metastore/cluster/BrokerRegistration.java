package io.kafscale.metastore.cluster;

import org.jspecify.annotations.Nullable;

/**
 * A live broker; its key goes with the broker's lease. Immutable.
 *
 * @param host where clients reach it
 * @param port where clients reach it
 * @param rack the failure domain it is in, if the operator said so
 * @param version the software it runs
 * @param startedMs wall clock at its start, milliseconds since the epoch
 */
public record BrokerRegistration(
        BrokerIncarnation incarnation,
        String host,
        int port,
        @Nullable String rack,
        String version,
        long startedMs) {
    /** Checks the address. */
    public BrokerRegistration {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a broker's address is host and port, not '" + host + "':" + port);
        }
    }
}
