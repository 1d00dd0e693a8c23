package io.kafscale.it.workload;

import io.kafscale.it.client.Clients;
import io.kafscale.it.history.Event;
import io.kafscale.it.history.History;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** A consumer that assigns itself all partitions and reads them from their beginning, on a thread of its own. */
public final class AssignedReader implements AutoCloseable {
    private static final Duration ONE_POLL = Duration.ofMillis(200);

    private final String name;
    private final TestTopic topic;
    private final History history;
    private final KafkaConsumer<String, String> consumer;
    private final Map<TopicPartition, Long> watermarks = new HashMap<>();
    private final Thread thread;
    private volatile boolean stopped;

    private AssignedReader(String name, TestTopic topic, History history, KafkaConsumer<String, String> consumer) {
        this.name = name;
        this.topic = topic;
        this.history = history;
        this.consumer = consumer;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    /** Starts to read. An offset that is not there is an error of the client, not a reason to go elsewhere. */
    public static AssignedReader start(Clients clients, String name, TestTopic topic, History history) {
        var consumer = clients.consumer(Map.of("client.id", name, "auto.offset.reset", "none"));
        var reader = new AssignedReader(name, topic, history, consumer);
        reader.thread.start();
        return reader;
    }

    private void run() {
        try (consumer) {
            consumer.assign(topic.all());
            for (TopicPartition partition : topic.all()) {
                consumer.seek(partition, 0);
                history.add(new Event.ReadFrom(name, partition.partition(), 0));
            }
            while (!stopped) {
                consumer.poll(ONE_POLL).forEach(this::receive);
                watermarks.keySet().forEach(this::noteWatermark);
            }
        } catch (RuntimeException failed) {
            history.add(new Event.ClientFailed(name, failed.toString()));
        }
    }

    private void receive(ConsumerRecord<String, String> record) {
        history.add(RecordText.read(name, record));
        watermarks.putIfAbsent(topic.at(record.partition()), -1L);
    }

    /** Only of partitions that were fetched from: of others the client knows what it was once told by a listing of offsets. */
    private void noteWatermark(TopicPartition partition) {
        OptionalLong lag = consumer.currentLag(partition);
        if (lag.isPresent()) {
            long highWatermark = consumer.position(partition) + lag.getAsLong();
            Long before = watermarks.put(partition, highWatermark);
            if (before != null && before != highWatermark) {
                history.add(new Event.Watermark(name, partition.partition(), highWatermark));
            }
        }
    }

    /** Ends reading. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
