package io.kafscale.app.client;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Where a group's offsets are moved to. Whatever is asked for, the result lies within what the partition holds. Immutable. */
sealed interface OffsetMove {
    /** To the oldest record. */
    record ToEarliest() implements OffsetMove {}

    /** Behind the newest record. */
    record ToLatest() implements OffsetMove {}

    /** To an offset. */
    record ToOffset(long offset) implements OffsetMove {}

    /** To the first record of a time or later. */
    record ToTime(long epochMs) implements OffsetMove {}

    /** By so many records from the committed offset, which is the oldest record's where there is none. */
    record By(long records) implements OffsetMove {}

    /** The new offset of each partition. */
    default Map<TopicPartition, Long> plan(
            BrokerSession broker, List<TopicPartition> partitions, Map<TopicPartition, OffsetAndMetadata> committed) {
        var earliest = ask(broker, partitions, OffsetSpec.earliest());
        var latest = ask(broker, partitions, OffsetSpec.latest());
        var byTime = this instanceof ToTime(long epochMs)
                ? ask(broker, partitions, OffsetSpec.forTimestamp(epochMs))
                : Map.<TopicPartition, Long>of();
        var plan = new TreeMap<TopicPartition, Long>(TopicPartitions.ORDER);
        for (TopicPartition partition : partitions) {
            long first = earliest.getOrDefault(partition, 0L);
            long end = latest.getOrDefault(partition, first);
            var offset = committed.get(partition);
            long now = offset == null ? first : offset.offset();
            plan.put(partition, Math.clamp(aim(now, first, end, byTime.getOrDefault(partition, -1L)), first, end));
        }
        return plan;
    }

    /** The offset asked for, which the partition need not hold. */
    private long aim(long now, long first, long end, long atTime) {
        return switch (this) {
            case ToEarliest _ -> first;
            case ToLatest _ -> end;
            case ToOffset(long offset) -> offset;
            case ToTime _ -> atTime < 0 ? end : atTime;
            case By(long records) -> now + records;
        };
    }

    private static Map<TopicPartition, Long> ask(
            BrokerSession broker, List<TopicPartition> partitions, OffsetSpec spec) {
        var specs = new TreeMap<TopicPartition, OffsetSpec>(TopicPartitions.ORDER);
        partitions.forEach(partition -> specs.put(partition, spec));
        return Topics.offsets(broker, specs);
    }
}
