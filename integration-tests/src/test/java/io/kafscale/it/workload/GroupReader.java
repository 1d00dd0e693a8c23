package io.kafscale.it.workload;

import io.kafscale.it.client.Clients;
import io.kafscale.it.history.Event;
import io.kafscale.it.history.History;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;

/** A member of a group that commits what it got, at most ten times a second, on a thread of its own. */
public final class GroupReader implements AutoCloseable {
    private static final Duration ONE_POLL = Duration.ofMillis(100);

    private final String name;
    private final String group;
    private final TestTopic topic;
    private final History history;
    private final KafkaConsumer<String, String> consumer;
    private final Map<TopicPartition, Long> uncommitted = new HashMap<>();
    private final AtomicInteger assignments = new AtomicInteger();
    private final Thread thread;
    private volatile String member = "";
    private volatile int generation;
    private volatile boolean stopped;

    private GroupReader(
            String name, String group, TestTopic topic, History history, KafkaConsumer<String, String> consumer) {
        this.name = name;
        this.group = group;
        this.topic = topic;
        this.history = history;
        this.consumer = consumer;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    /** Joins. {@code protocol} is {@code classic} or {@code consumer}, and part of the group's name. */
    public static GroupReader start(Clients clients, String name, String protocol, TestTopic topic, History history) {
        String group = group(protocol);
        var consumer = clients.consumer(Map.of(
                "client.id",
                name,
                "group.id",
                group,
                "group.protocol",
                protocol,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false));
        var reader = new GroupReader(name, group, topic, history, consumer);
        reader.thread.start();
        return reader;
    }

    /** The group of this protocol. */
    public static String group(String protocol) {
        return protocol + "-group";
    }

    private void run() {
        try (consumer) {
            consumer.subscribe(List.of(topic.name()), new Rebalances());
            while (!stopped) {
                consumer.poll(ONE_POLL).forEach(this::receive);
                noteMembership();
                commit();
            }
        } catch (RuntimeException failed) {
            history.add(new Event.ClientFailed(name, failed.toString()));
        }
    }

    private void receive(ConsumerRecord<String, String> record) {
        history.add(RecordText.read(name, record));
        uncommitted.put(topic.at(record.partition()), record.offset() + 1);
    }

    private void noteMembership() {
        var metadata = consumer.groupMetadata();
        member = metadata.memberId();
        generation = metadata.generationId();
    }

    private void commit() {
        if (uncommitted.isEmpty()) {
            return;
        }
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        uncommitted.forEach((partition, offset) -> {
            history.add(new Event.CommitAsked(group, partition.partition(), offset));
            offsets.put(partition, new OffsetAndMetadata(offset));
        });
        try {
            consumer.commitSync(offsets);
            offsets.forEach((partition, committed) ->
                    history.add(new Event.CommitAcked(group, partition.partition(), committed.offset())));
            uncommitted.clear();
        } catch (CommitFailedException | RebalanceInProgressException lost) {
            // These partitions go to somebody else, who starts at the last commit. The next poll tells which.
        } catch (TimeoutException late) {
            // In doubt: the next commit settles it.
        }
    }

    /** Its client id. */
    public String name() {
        return name;
    }

    /** How often it was given partitions, were it none. */
    public int assignments() {
        return assignments.get();
    }

    /** Its id in the group, as of its last poll. */
    public String memberId() {
        return member;
    }

    /** The group's generation, as of its last poll. */
    public int generation() {
        return generation;
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
            assignments.incrementAndGet();
            for (TopicPartition partition : partitions) {
                long asked = history.now();
                long position = consumer.position(partition);
                history.add(new Event.OffsetFetched(group, partition.partition(), position, asked));
                history.add(new Event.ReadFrom(name, partition.partition(), position));
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(uncommitted::remove);
        }
    }
}
