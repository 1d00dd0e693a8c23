package io.kafscale.metastore.cluster;

/**
 * Whether one broker incarnation may be given leadership. A registered broker without such a record for its incarnation is still
 * starting: it is alive, but its door is not open yet. The record of an earlier incarnation says nothing of a later one, so a drain
 * ends with the restart of the broker. Immutable.
 *
 * @param incarnation whom it is about
 */
public record BrokerAvailability(BrokerIncarnation incarnation, State state) {
    /** What a broker is ready for. */
    public enum State {
        /** It answers clients and takes what the plan gives it. */
        SERVING,
        /** It gives up what it leads as soon as there is somebody else, and is given nothing. */
        DRAINING
    }
}
