package io.kafscale.it.broker;

/** Which broker this run tests: the system property {@code it.broker}. */
public enum BrokerKind {
    /** Ours. */
    KAFSCALE,
    /** Apache Kafka, to prove the tests. */
    KAFKA;

    /** The kind of this run. */
    public static BrokerKind ofThisRun() {
        String chosen = System.getProperty("it.broker", "kafscale");
        return switch (chosen) {
            case "kafscale" -> KAFSCALE;
            case "kafka" -> KAFKA;
            default -> throw new IllegalArgumentException("it.broker is kafscale or kafka, not " + chosen);
        };
    }

    /** A fresh broker of this kind on its default storage. */
    public BrokerUnderTest launch() {
        return switch (this) {
            case KAFSCALE -> KafscaleProcess.launchFresh(Storage.directory());
            case KAFKA -> ApacheKafkaProcess.launchFresh();
        };
    }
}
