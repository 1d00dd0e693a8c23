package io.kafscale.metastore.cluster;

import java.util.Set;

/**
 * Watches other brokers over the network, for a {@link FailureDetector}. What it reports is about the very incarnation it was told
 * to watch: only a broker that could be reached before and now refuses connections at its address is gone, silence says nothing.
 */
public interface PeerWatch {
    /** Watches these from now on, and nobody else. Called on the detector's loop: does not block. */
    void watch(Set<Peer> peers);

    /** What is reported, from any thread. */
    interface Reports {
        /** The broker could be reached before, and its address refuses connections now. */
        void refused(BrokerIncarnation peer);

        /** It cannot be told any more: the broker neither accepts nor refuses. What was reported before is no evidence now. */
        void unclear(BrokerIncarnation peer);

        /** The broker can be reached. */
        void reachable(BrokerIncarnation peer);
    }
}
