package io.kafscale.log;

/**
 * An idempotent producer as a partition knows it.
 *
 * @param lastSequence sequence of its last record
 * @param lastTimestampMs timestamp of its last batch
 */
public record ActiveProducer(long producerId, short producerEpoch, int lastSequence, long lastTimestampMs) {}
