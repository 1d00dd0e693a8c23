package io.kafscale.it.workload;

import io.kafscale.it.client.Clients;
import io.kafscale.it.history.Event;
import io.kafscale.it.history.History;
import io.kafscale.it.history.Source;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Kafka's producer with its default settings, idempotent therefore, which numbers its records per partition and sends a steady stream
 * of them, on a thread of its own.
 */
public final class NumberedProducer implements AutoCloseable {
    private static final int MAX_IN_FLIGHT = 5_000;
    private static final Duration LAST_SENDS = Duration.ofSeconds(60);

    private final String name;
    private final TestTopic topic;
    private final Load load;
    private final History history;
    private final long[] next;
    private final Random random;
    private final KafkaProducer<String, String> producer;
    private final AtomicLong ackedBytes = new AtomicLong();
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();

    private NumberedProducer(
            String name, TestTopic topic, Load load, History history, KafkaProducer<String, String> producer) {
        this.name = name;
        this.topic = topic;
        this.load = load;
        this.history = history;
        this.next = new long[topic.partitions()];
        this.random = new Random(load.seed());
        this.producer = producer;
    }

    /** Starts the stream. {@code settings} are added to the client's defaults. */
    public static NumberedProducer start(
            Clients clients, String name, TestTopic topic, Load load, History history, Map<String, ?> settings) {
        var all = new HashMap<String, Object>(settings);
        all.putIfAbsent("client.id", name);
        var producer = new NumberedProducer(name, topic, load, history, clients.producer(all));
        producer.ticks.scheduleAtFixedRate(producer::tick, 0, Load.TICK.toMillis(), TimeUnit.MILLISECONDS);
        return producer;
    }

    private void tick() {
        for (int i = 0; i < load.recordsPerTick() && inFlight.tryAcquire(); i++) {
            var source = new Source(name, random.nextInt(next.length));
            send(source, next[source.partition()]++);
        }
    }

    private void send(Source source, long number) {
        String value = RecordText.value(number, random.nextInt(load.maxPaddingBytes() + 1));
        history.add(new Event.Sent(source, number));
        try {
            producer.send(new ProducerRecord<>(topic.name(), source.partition(), name, value), (at, failure) -> {
                inFlight.release();
                if (failure == null) {
                    ackedBytes.addAndGet(name.length() + value.length());
                    history.add(new Event.Acked(source, number, at.offset()));
                } else {
                    history.add(new Event.Unsettled(source, number, failure.toString()));
                }
            });
        } catch (RuntimeException failure) {
            inFlight.release();
            history.add(new Event.Unsettled(source, number, failure.toString()));
        }
    }

    /** How many bytes of keys and values were acknowledged. */
    public long ackedBytes() {
        return ackedBytes.get();
    }

    /** Sends nothing more. What was sent is retried on. */
    public void stopSending() {
        ticks.close();
    }

    /** Ends the stream; returns when everything that was sent has been answered, or after a minute. */
    @Override
    public void close() {
        stopSending();
        producer.close(LAST_SENDS);
    }
}
