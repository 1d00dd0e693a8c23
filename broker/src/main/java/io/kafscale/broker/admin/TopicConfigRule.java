package io.kafscale.broker.admin;

/**
 * What becomes of one of Kafka's topic configs here. Immutable.
 *
 * @param name Kafka's name
 * @param treatment what becomes of it
 * @param note for HONOURED and BY_CONSTRUCTION why and how, for DEFAULT_ONLY why other values are refused
 */
public record TopicConfigRule(String name, Treatment treatment, String note) {
    /** What can become of a config. */
    public enum Treatment {
        /** Every legal value does what Kafka documents. */
        HONOURED,
        /** Every legal value is accepted, because what it promises holds whatever the value. */
        BY_CONSTRUCTION,
        /** Only the default is accepted: another value would be stored and ignored. */
        DEFAULT_ONLY
    }
}
