package io.kafscale.benchmarks;

/** Whom a run measures. Two of them are the same Kafka broker, with another setting of the topic. */
enum Subject {
    /** Apache Kafka as it comes: acknowledges what is in the page cache. */
    KAFKA("Kafka", "Kafka"),
    /** Apache Kafka, topic with {@code flush.messages=1}: acknowledges what is on the disk. */
    KAFKA_FLUSHING("Kafka", "Kafka, fsync"),
    /** This broker as it comes: acknowledges what is on the disk. */
    KAFSCALE("Kafscale", "Kafscale");

    private final String product;
    private final String title;

    Subject(String product, String title) {
        this.product = product;
        this.title = title;
    }

    /** The broker it is. */
    String product() {
        return product;
    }

    /** What the report calls it. */
    String title() {
        return title;
    }
}
