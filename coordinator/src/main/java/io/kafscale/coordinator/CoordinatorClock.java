package io.kafscale.coordinator;

import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.Timer;

/**
 * The time the coordinator lives in, in Kafka's types: session timeouts, rebalance delays, retention.
 *
 * @param timer closed with the coordinator
 */
record CoordinatorClock(Time time, Timer timer) {
    /** The machine's clock, and a timer with a thread of its own. */
    static CoordinatorClock system() {
        return new CoordinatorClock(
                Time.SYSTEM, new SystemTimerReaper("group-timer-reaper", new SystemTimer("group-timer")));
    }
}
