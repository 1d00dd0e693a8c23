package io.kafscale.it.kill;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;

/** A member of a group that commits what it has received after each poll, on a thread of its own. */
final class CommittingMember implements AutoCloseable {
    private static final Duration ONE_POLL = Duration.ofMillis(200);

    private final KafkaConsumer<String, String> consumer;
    private final GroupHistory history;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Thread thread;
    private volatile boolean stopped;

    /** A member that starts to poll {@code topic} with {@code consumer}, which belongs to it from now on. */
    CommittingMember(KafkaConsumer<String, String> consumer, String topic, GroupHistory history) {
        this.consumer = consumer;
        this.history = history;
        consumer.subscribe(List.of(topic), new Rebalances());
        this.thread = Thread.ofPlatform().name("member of " + history.group()).start(this::run);
    }

    private void run() {
        try (consumer) {
            while (!stopped) {
                var records = consumer.poll(ONE_POLL);
                records.forEach(this::receive);
                if (!records.isEmpty()) {
                    commit();
                }
            }
        } catch (RuntimeException failed) {
            history.failed("a member failed: " + failed);
        }
    }

    private void receive(ConsumerRecord<String, String> record) {
        var partition = new TopicPartition(record.topic(), record.partition());
        Long expected = positions.put(partition, record.offset() + 1);
        history.received(record, expected == null);
        if (expected != null && expected != record.offset()) {
            history.failed(
                    "got " + record.offset() + " of partition " + record.partition() + " instead of " + expected);
        }
    }

    private void commit() {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        positions.forEach((partition, offset) -> {
            history.attempting(partition.partition(), offset);
            offsets.put(partition, new OffsetAndMetadata(offset));
        });
        try {
            consumer.commitSync(offsets);
            offsets.forEach((partition, committed) -> history.committed(partition.partition(), committed.offset()));
        } catch (CommitFailedException | RebalanceInProgressException lost) {
            // These partitions go to somebody else, who starts at the last commit. The next poll tells which.
        } catch (TimeoutException late) {
            // In doubt: the next commit settles it.
        }
    }

    /** Leaves the group. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Rebalances implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions.forEach(positions::remove);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(positions::remove);
        }
    }
}
