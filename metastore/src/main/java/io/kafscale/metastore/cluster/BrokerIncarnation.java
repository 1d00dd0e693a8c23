package io.kafscale.metastore.cluster;

/**
 * One start of one broker: what leads partitions and owns a WAL stream. A broker epoch is never used twice, so neither is an
 * incarnation. Immutable.
 *
 * @param brokerId the operator's number of the broker ({@code node.id})
 * @param brokerEpoch the number this start got from the metadata store, positive
 */
public record BrokerIncarnation(int brokerId, long brokerEpoch) {
    /** Checks the numbers. */
    public BrokerIncarnation {
        if (brokerId < 0 || brokerEpoch <= 0) {
            throw new IllegalArgumentException("a broker incarnation needs a broker id >= 0 and an epoch > 0, not "
                    + brokerId + "-" + brokerEpoch);
        }
    }

    /** The form used in keys of both stores: {@code {brokerId}-{brokerEpoch}}. */
    public String streamName() {
        return brokerId + "-" + brokerEpoch;
    }

    /**
     * Reads {@link #streamName()}.
     *
     * @throws IllegalArgumentException if {@code name} is not exactly what {@link #streamName()} prints
     */
    public static BrokerIncarnation parse(String name) {
        int dash = name.indexOf('-');
        if (dash > 0) {
            try {
                var parsed = new BrokerIncarnation(
                        Integer.parseInt(name.substring(0, dash)), Long.parseLong(name.substring(dash + 1)));
                if (parsed.streamName().equals(name)) {
                    return parsed;
                }
            } catch (NumberFormatException notNumbers) {
                throw new IllegalArgumentException("not a broker incarnation: '" + name + "'", notNumbers);
            }
        }
        throw new IllegalArgumentException("not a broker incarnation: '" + name + "'");
    }

    @Override
    public String toString() {
        return streamName();
    }
}
