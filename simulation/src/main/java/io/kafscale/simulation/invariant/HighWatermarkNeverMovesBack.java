package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.Observation.OffsetsTold;
import io.kafscale.simulation.invariant.Observation.ReadAll;

/** Neither the high watermark nor the log start is ever below what somebody was told before asking. */
public final class HighWatermarkNeverMovesBack implements Invariant {
    @Override
    public void see(Observation observation) {
        switch (observation) {
            case OffsetsTold told -> check(told.known(), told.highWatermark(), told.logStart());
            case Fetched fetched -> check(fetched.known(), fetched.highWatermark(), fetched.logStart());
            case ReadAll all ->
                check(Known.now(all.partition(), "the last broker", false), all.highWatermark(), all.logStart());
            default -> {}
        }
    }

    private void check(Known known, long highWatermark, long logStart) {
        if (highWatermark < known.highWatermark() || logStart < known.logStart()) {
            throw violation(known.partition().id() + " was readable from " + known.logStart() + " to "
                    + known.highWatermark() + "; " + known.process() + " now says from " + logStart + " to "
                    + highWatermark);
        }
        if (logStart > highWatermark) {
            throw violation(
                    known.partition().id() + " starts at " + logStart + ", behind its high watermark " + highWatermark);
        }
    }
}
