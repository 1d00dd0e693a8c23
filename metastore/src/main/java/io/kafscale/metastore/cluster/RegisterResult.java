package io.kafscale.metastore.cluster;

import io.kafscale.metastore.Lease;

/** What became of a broker's registration. */
public sealed interface RegisterResult {
    /**
     * The broker is registered and its stream is open.
     *
     * @param registration with the revision that a {@link Guard} on it expects
     * @param stream with the revision that a {@link Guard} on it expects
     * @param lease what keeps the registration; when it is lost, register again as the same incarnation
     */
    record Registered(Versioned<BrokerRegistration> registration, Versioned<StreamRecord> stream, Lease lease)
            implements RegisterResult {}

    /**
     * Another incarnation of this broker id is registered: its lease has to end first, or somebody to evict it.
     *
     * @param modRevision the revision that registered it
     */
    record HeldByOther(BrokerRegistration other, long modRevision) implements RegisterResult {}

    /** This incarnation was judged dead: it must not come back, a new one may. */
    record StreamNotOpen(StreamRecord stream) implements RegisterResult {}

    /** The same, so long ago that its stream has been collected and forgotten. */
    record StreamForgotten() implements RegisterResult {}
}
