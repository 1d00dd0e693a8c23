package io.kafscale.it.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that polls on a thread of its own until it is told to stop, and says to {@link Observed} what it owns and what it got.
 * Thread-safe.
 */
public final class GroupMember implements AutoCloseable {
    private static final Duration ONE_POLL = Duration.ofMillis(200);
    private static final Duration LEAVE = Duration.ofSeconds(20);

    private final KafkaConsumer<String, String> consumer;
    private final Observed group;
    private final Thread thread;
    private final Set<String> owned = new TreeSet<>();
    private final List<ConsumerRecord<String, String>> received = new ArrayList<>();
    private volatile boolean stopped;
    private volatile CloseOptions.GroupMembershipOperation farewell = CloseOptions.GroupMembershipOperation.DEFAULT;
    private int rebalances;
    private @Nullable Throwable failure;

    private GroupMember(Observed group, KafkaConsumer<String, String> consumer, Subscription subscription) {
        this.group = group;
        this.consumer = consumer;
        subscription.subscribe(consumer, new Rebalances());
        this.thread = Thread.ofPlatform().name("group member").start(this::run);
    }

    /** How a member subscribes. */
    public interface Subscription {
        /** Subscribes, with the listener. */
        void subscribe(KafkaConsumer<String, String> consumer, ConsumerRebalanceListener listener);
    }

    /** Starts to poll with {@code consumer}, which belongs to the member from now on. */
    public static GroupMember start(Observed group, KafkaConsumer<String, String> consumer, Subscription subscription) {
        return new GroupMember(group, consumer, subscription);
    }

    /** Starts to poll {@code topic}. */
    public static GroupMember start(Observed group, KafkaConsumer<String, String> consumer, String topic) {
        return start(group, consumer, (subscriber, listener) -> subscriber.subscribe(List.of(topic), listener));
    }

    private void run() {
        try (consumer) {
            while (!stopped) {
                var records = consumer.poll(ONE_POLL);
                if (!records.isEmpty()) {
                    group.change(() -> records.forEach(received::add));
                }
            }
            consumer.close(CloseOptions.timeout(LEAVE).withGroupMembershipOperation(farewell));
        } catch (RuntimeException failed) {
            group.change(() -> failure = failed);
        }
    }

    /** The partitions that it owns, as {@code topic-partition}. */
    public Set<String> owned() {
        return group.read(() -> {
            check();
            return Set.copyOf(owned);
        });
    }

    /** How often it was given partitions, were it none. */
    public int rebalances() {
        return group.read(() -> rebalances);
    }

    /** The records that it got so far. */
    public List<ConsumerRecord<String, String>> received() {
        return group.read(() -> {
            check();
            return List.copyOf(received);
        });
    }

    private void check() {
        if (failure != null) {
            throw new AssertionError("a member failed", failure);
        }
    }

    /** Stops polling and leaves as {@code operation} says. */
    public void stop(CloseOptions.GroupMembershipOperation operation) {
        farewell = operation;
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops polling and leaves the group, unless it is a static member. */
    @Override
    public void close() {
        stop(CloseOptions.GroupMembershipOperation.DEFAULT);
    }

    private final class Rebalances implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            group.change(() -> {
                rebalances++;
                partitions.forEach(partition -> owned.add(partition.toString()));
            });
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            group.change(() -> partitions.forEach(partition -> owned.remove(partition.toString())));
        }
    }
}
