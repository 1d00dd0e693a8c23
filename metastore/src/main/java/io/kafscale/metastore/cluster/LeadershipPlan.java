package io.kafscale.metastore.cluster;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Who should lead what, by rendezvous hashing over the live brokers of one image: every broker and proxy that has the image computes
 * the same, and when a broker comes or goes, only what it leads changes hands. What <em>is</em> led by whom is in the
 * {@link PartitionRecord}s; leaders bring that in line with the plan.
 *
 * <p>Candidates are the registered brokers that serve. Where nobody serves (a cluster that starts), those that start are, too; where
 * all are draining, all of them are. A pinned partition goes to the broker it is pinned to while that is a candidate. Immutable and
 * thread-safe.
 */
public final class LeadershipPlan {
    /** Apart from every partition, so that shards do not follow the partitions of one topic. */
    private static final long SHARD_SALT = 0x6b61_6673_6861_7264L;

    private final ClusterImage image;
    private final List<BrokerIncarnation> candidates;

    private LeadershipPlan(ClusterImage image, List<BrokerIncarnation> candidates) {
        this.image = image;
        this.candidates = candidates;
    }

    /** The plan for the brokers of {@code image}. */
    public static LeadershipPlan of(ClusterImage image) {
        return without(Set.of(), image);
    }

    /** The plan as it will be when these brokers are gone and nothing else has changed. */
    public static LeadershipPlan without(Set<BrokerIncarnation> gone, ClusterImage image) {
        List<BrokerIncarnation> registered = image.brokers().values().stream()
                .map(broker -> broker.value().incarnation())
                .filter(broker -> !gone.contains(broker))
                .sorted(Comparator.comparingInt(BrokerIncarnation::brokerId))
                .toList();
        List<BrokerIncarnation> serving = those(registered, image::isServing);
        if (serving.isEmpty()) {
            serving = those(registered, broker -> !image.isDraining(broker));
        }
        return new LeadershipPlan(image, serving.isEmpty() ? registered : serving);
    }

    private static List<BrokerIncarnation> those(List<BrokerIncarnation> all, Predicate<BrokerIncarnation> which) {
        return all.stream().filter(which).toList();
    }

    /** The brokers that may be given leadership, by ascending id. */
    public List<BrokerIncarnation> candidates() {
        return candidates;
    }

    /** Whether this plan differs from {@code other} in nothing but what is pinned. */
    public boolean hasSameCandidatesAs(LeadershipPlan other) {
        return candidates.equals(other.candidates);
    }

    /** Who should lead a partition; nobody only where no broker is registered. */
    public Optional<BrokerIncarnation> leaderOf(PartitionId id) {
        Optional<Integer> pinned = image.pin(id);
        if (pinned.isPresent()) {
            for (BrokerIncarnation candidate : candidates) {
                if (candidate.brokerId() == pinned.get()) {
                    return Optional.of(candidate);
                }
            }
        }
        return highest(
                mix(mix(id.topicId().getMostSignificantBits()) ^ id.topicId().getLeastSignificantBits())
                        + id.partition());
    }

    /** Who should coordinate a shard of the consumer groups; nobody only where no broker is registered. */
    public Optional<BrokerIncarnation> coordinatorOf(int shard) {
        return highest(SHARD_SALT + shard);
    }

    /**
     * Whom clients are told to send administrative requests to, and who does what one broker should do for all. Two brokers whose
     * images differ may name two: what depends on there being one needs a lease.
     */
    public Optional<BrokerIncarnation> controller() {
        return candidates.stream().findFirst();
    }

    private Optional<BrokerIncarnation> highest(long item) {
        BrokerIncarnation best = null;
        long bestScore = 0;
        for (BrokerIncarnation candidate : candidates) {
            long score = mix(mix(item) ^ mix(~candidate.brokerId()));
            // Ascending ids, so the lowest of equals wins.
            if (best == null || Long.compareUnsigned(score, bestScore) > 0) {
                best = candidate;
                bestScore = score;
            }
        }
        return Optional.ofNullable(best);
    }

    /** The finalizer of SplitMix64, which spreads every bit over all others. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ (mixed >>> 31);
    }
}
