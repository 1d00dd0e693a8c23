package io.kafscale.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Polls consumers with a deadline. */
public final class Polling {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration ONE_POLL = Duration.ofMillis(500);

    private Polling() {}

    /** The partitions of a topic. */
    public static List<TopicPartition> partitions(String topic, int count) {
        var partitions = new ArrayList<TopicPartition>();
        for (int partition = 0; partition < count; partition++) {
            partitions.add(new TopicPartition(topic, partition));
        }
        return partitions;
    }

    /** Polls until there are at least {@code count} records. */
    public static <K, V> List<ConsumerRecord<K, V>> atLeast(Consumer<K, V> consumer, int count) {
        var records = new ArrayList<ConsumerRecord<K, V>>();
        Instant deadline = Instant.now().plus(PATIENCE);
        while (records.size() < count) {
            assertThat(Instant.now())
                    .as("%s of %s records", records.size(), count)
                    .isBefore(deadline);
            consumer.poll(ONE_POLL).forEach(records::add);
        }
        return records;
    }

    /** Polls {@code partitions}, which it assigns first, from their beginning to their present end. */
    public static <K, V> List<ConsumerRecord<K, V>> everything(
            Consumer<K, V> consumer, Collection<TopicPartition> partitions) {
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return toEnd(consumer, partitions);
    }

    /** Polls from where the consumer stands to the present end of {@code partitions}. */
    public static <K, V> List<ConsumerRecord<K, V>> toEnd(
            Consumer<K, V> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        var records = new ArrayList<ConsumerRecord<K, V>>();
        Instant deadline = Instant.now().plus(PATIENCE);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            assertThat(Instant.now())
                    .as("at %s records, ends %s", records.size(), ends)
                    .isBefore(deadline);
            consumer.poll(ONE_POLL).forEach(records::add);
        }
        return records;
    }

    /** Polls until a group member has at least one partition. */
    public static void untilAssigned(Consumer<?, ?> consumer) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (consumer.assignment().isEmpty()) {
            assertThat(Instant.now()).as("no assignment").isBefore(deadline);
            assertThat(consumer.poll(ONE_POLL).isEmpty()).isTrue();
        }
    }
}
