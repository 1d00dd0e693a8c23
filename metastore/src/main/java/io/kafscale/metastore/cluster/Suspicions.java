package io.kafscale.metastore.cluster;

import java.util.Set;

/**
 * Which brokers one broker found to be refusing connections. The key goes with the lease of the observer, when its suspicions do, and
 * counts only while the observer is registered. Immutable.
 *
 * @param observer who says so
 * @param suspects whom it suspects to be dead, at most {@value #MOST}
 */
public record Suspicions(BrokerIncarnation observer, Set<BrokerIncarnation> suspects) {
    /** The most suspects of one observer at a time. */
    public static final int MOST = 32;

    /** Copies the set. */
    public Suspicions {
        if (suspects.size() > MOST) {
            throw new IllegalArgumentException(suspects.size() + " suspects, more than " + MOST);
        }
        suspects = Set.copyOf(suspects);
    }
}
