package io.kafscale.app.client;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Timer;

/**
 * Polls a consumer and hands records on until there were enough, none came for long enough, nobody reads any more, or somebody woke
 * the consumer up. Commits what was handed on, no more, if it consumes for a group. One thread.
 */
final class ConsumeLoop implements ConsumerRebalanceListener {
    /**
     * When to stop.
     *
     * @param maxMessages after so many records; empty for never
     * @param idle after no record came for so long, not counting what the group takes to let us in; empty for never
     */
    record Limits(OptionalLong maxMessages, Optional<Duration> idle) {}

    /** Why the loop ended. */
    enum Ending {
        /** All records that were asked for. */
        COMPLETE,
        /** No record for as long as the user would wait. */
        IDLE,
        /** Ctrl-C, or whoever read our output has gone. */
        STOPPED
    }

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(60);

    private final Consumer<byte[], byte[]> consumer;
    private final Predicate<ConsumerRecord<byte[], byte[]>> sink;
    private final boolean commits;
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private long count;
    private boolean joined;

    /** A loop that hands records to {@code sink} until it returns false. */
    ConsumeLoop(Consumer<byte[], byte[]> consumer, Predicate<ConsumerRecord<byte[], byte[]>> sink, boolean commits) {
        this.consumer = consumer;
        this.sink = sink;
        this.commits = commits;
    }

    Ending run(Limits limits, Time time) {
        Timer idle = time.timer(limits.idle().map(Duration::toMillis).orElse(Long.MAX_VALUE));
        Timer joining = time.timer(consumer.subscription().isEmpty() ? Duration.ZERO : JOIN_PATIENCE);
        try {
            while (true) {
                boolean awaitsPartitions = !joined && joining.notExpired();
                var found = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> next : found) {
                    boolean goOn = sink.test(next);
                    handedOn(next);
                    if (count >= limits.maxMessages().orElse(Long.MAX_VALUE)) {
                        return Ending.COMPLETE;
                    }
                    if (!goOn) {
                        return Ending.STOPPED;
                    }
                }
                commit(uncommitted);
                idle.update();
                joining.update();
                if (!found.isEmpty() || awaitsPartitions) {
                    limits.idle().ifPresent(patience -> idle.reset(patience.toMillis()));
                } else if (idle.isExpired()) {
                    return Ending.IDLE;
                }
            }
        } catch (WakeupException stopped) {
            return Ending.STOPPED;
        } finally {
            commit(uncommitted);
        }
    }

    /** Records handed on so far. */
    long count() {
        return count;
    }

    private void handedOn(ConsumerRecord<byte[], byte[]> next) {
        count++;
        if (commits) {
            uncommitted.put(
                    new TopicPartition(next.topic(), next.partition()), new OffsetAndMetadata(next.offset() + 1));
        }
    }

    private void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        if (!offsets.isEmpty()) {
            consumer.commitSync(Map.copyOf(offsets));
            uncommitted.keySet().removeAll(Map.copyOf(offsets).keySet());
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        joined = true; // where the group left off is where the consumer starts by itself
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        var theirs = new HashMap<>(uncommitted);
        theirs.keySet().retainAll(partitions);
        commit(theirs);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions); // others consume them by now: not ours to commit
    }
}
