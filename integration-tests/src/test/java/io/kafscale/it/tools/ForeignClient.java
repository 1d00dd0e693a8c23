package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import java.util.List;

/** A client that is not today's Java client. */
interface ForeignClient {
    /** The compressions that it can write and read here, {@code none} included. */
    List<String> compressions();

    /** Whether it has an idempotent producer. */
    boolean isIdempotent();

    /** Produces the values 0 to {@code count} - 1 with one key, and returns when all are acknowledged. */
    void produce(BrokerUnderTest broker, String topic, int count, ProducerChoice choice);

    /** Reads the first {@code count} records of partition 0 and returns their values. */
    List<String> consume(BrokerUnderTest broker, String topic, int count);

    /** Starts a member of a group that starts at the beginning where nothing is committed. */
    ForeignMember join(BrokerUnderTest broker, String topic, String group);

    /** How to produce. */
    record ProducerChoice(String compression, boolean idempotent) {}
}
