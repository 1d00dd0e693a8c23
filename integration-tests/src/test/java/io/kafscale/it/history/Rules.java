package io.kafscale.it.history;

import java.time.Duration;
import java.util.List;

/** The rules that every history of a cluster must keep. */
public final class Rules {
    /** How the names of producers begin that send each record once, to one broker. */
    public static final String PROBE = "probe-";

    private Rules() {}

    /**
     * All rules, fresh.
     *
     * @param staleness how long after it was deposed a leader or coordinator may answer as if it were not
     */
    public static List<Rule> all(Duration staleness) {
        return List.of(
                new AcknowledgedIsReadableOnce(),
                new ProducerOrderKept(),
                new OffsetsAreDense(),
                new SameRecordAtAnOffset(),
                new WatermarksAreMonotone(),
                new StalenessIsBounded(staleness),
                new CommittedOffsetsStay(staleness),
                new OneLeaderPerEpoch(),
                new NoErrorReachesTheApplication(name -> name.startsWith(PROBE)));
    }
}
