package io.kafscale.format;

import java.util.Optional;

/**
 * One incarnation of a broker, which is also the name of its WAL stream. A broker epoch is never used twice, so a stream
 * has exactly one writer. Immutable; any thread.
 */
public record StreamId(int brokerId, long brokerEpoch) implements Comparable<StreamId> {
    public StreamId {
        if (brokerId < 0 || brokerEpoch < 0) {
            throw new IllegalArgumentException("negative stream id " + brokerId + "-" + brokerEpoch);
        }
    }

    /** Reads what {@link #toString} writes; empty for anything else, other spellings of the same numbers included. */
    public static Optional<StreamId> parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            return Optional.empty();
        }
        var id = Decimal.parse(text.substring(0, dash));
        var epoch = Decimal.parse(text.substring(dash + 1));
        if (id.isEmpty() || epoch.isEmpty() || id.getAsLong() > Integer.MAX_VALUE) {
            return Optional.empty();
        }
        return Optional.of(new StreamId((int) id.getAsLong(), epoch.getAsLong()));
    }

    @Override
    public int compareTo(StreamId other) {
        int byBroker = Integer.compare(brokerId, other.brokerId);
        return byBroker != 0 ? byBroker : Long.compare(brokerEpoch, other.brokerEpoch);
    }

    /** {@code {broker-id}-{broker-epoch}}, as in object keys. */
    @Override
    public String toString() {
        return brokerId + "-" + brokerEpoch;
    }
}
