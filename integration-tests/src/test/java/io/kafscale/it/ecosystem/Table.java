package io.kafscale.it.ecosystem;

import static io.kafscale.it.client.Polling.partitions;

import io.kafscale.it.client.Clients;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** A topic read as a table: the newest value of each key. For one thread. */
final class Table implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration ONE_POLL = Duration.ofMillis(500);

    private final String topic;
    private final KafkaConsumer<String, String> consumer;
    private final Map<String, String> rows = new TreeMap<>();

    private Table(String topic, KafkaConsumer<String, String> consumer) {
        this.topic = topic;
        this.consumer = consumer;
    }

    /** The table of {@code topic}, from its beginning. */
    static Table of(Clients clients, String topic, int partitions) {
        var table = new Table(topic, clients.reader());
        table.consumer.assign(partitions(topic, partitions));
        return table;
    }

    /** Reads on until the table is exactly {@code expected}. */
    void awaitRows(Map<String, String> expected) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!rows.equals(expected)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(
                        topic + " is not " + new TreeMap<>(expected) + " within " + PATIENCE + ", but " + rows);
            }
            consumer.poll(ONE_POLL).forEach(row -> rows.put(row.key(), row.value()));
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
