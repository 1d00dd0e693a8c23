package io.kafscale.coordinator;

import org.apache.kafka.common.Uuid;

/**
 * A topic as consumer groups see it.
 *
 * @param partitions how many it has; grows only
 */
public record GroupTopic(Uuid id, String name, int partitions) {}
