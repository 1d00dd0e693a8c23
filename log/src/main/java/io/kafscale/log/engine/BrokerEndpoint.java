package io.kafscale.log.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who this broker is and where clients reach it. Immutable.
 *
 * @param brokerId the operator's number of the broker ({@code node.id})
 * @param rack the failure domain it is in, if the operator said so
 * @param version the software it runs
 * @param aloneSinceRevision a revision of the metadata store that was read while this process held the port it is reached at: who
 *     registered from the same address up to then is gone. 0 if that is not known
 */
public record BrokerEndpoint(
        int brokerId, String host, int port, @Nullable String rack, String version, long aloneSinceRevision) {
    /** How long a broker may be silent before its registration goes. */
    public static final Duration REGISTRATION_TTL = Duration.ofSeconds(10);

    /** A broker of which nobody knows whether it is alone at its address. */
    public BrokerEndpoint(int brokerId, String host, int port, @Nullable String rack, String version) {
        this(brokerId, host, port, rack, version, 0);
    }
}
