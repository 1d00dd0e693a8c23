package io.kafscale.it.kill;

import io.kafscale.it.client.Clients;
import io.kafscale.it.kill.Acknowledgements.Source;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A producer with default settings, idempotent therefore, which numbers its records per partition and sends a steady stream of them.
 * The key is its name, the value starts with the number.
 */
final class SequencedProducer implements AutoCloseable {
    private static final int RECORDS_PER_TICK = 6;
    private static final Duration TICK = Duration.ofMillis(20);
    private static final int MAX_IN_FLIGHT = 5_000;
    private static final int MAX_PADDING = 1_500;
    // Longer than the default, because a batch can miss several lives of a broker that is killed soon after each start,
    // and on a slow
    // machine a start takes long.
    private static final int DELIVERY_TIMEOUT_MS = 900_000;
    private static final Duration LAST_SENDS = Duration.ofMinutes(2);

    private final String name;
    private final String topic;
    private final long[] next;
    private final Random random;
    private final Acknowledgements acknowledgements;
    private final KafkaProducer<String, String> producer;
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();

    /** A producer to {@code topic}; {@code settings} may name a compression. */
    SequencedProducer(Clients clients, String name, Target target, Map<String, ?> settings, Acknowledgements history) {
        this.name = name;
        this.topic = target.topic();
        this.next = new long[target.partitions()];
        this.random = new Random(target.seed());
        this.acknowledgements = history;
        var all = new HashMap<String, Object>(settings);
        all.put("delivery.timeout.ms", DELIVERY_TIMEOUT_MS);
        this.producer = clients.producer(all);
    }

    /** Where to produce, and the seed of what. */
    record Target(String topic, int partitions, long seed) {}

    /** Starts the stream. */
    void start() {
        ticks.scheduleAtFixedRate(this::sendSome, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sendSome() {
        for (int i = 0; i < RECORDS_PER_TICK && inFlight.tryAcquire(); i++) {
            int partition = random.nextInt(next.length);
            send(new Source(name, partition), next[partition]++);
        }
    }

    private void send(Source source, long number) {
        String value = number + " " + "x".repeat(random.nextInt(MAX_PADDING));
        try {
            producer.send(new ProducerRecord<>(topic, source.partition(), name, value), (at, failure) -> {
                inFlight.release();
                if (failure == null) {
                    acknowledgements.acknowledged(source, number, at.offset());
                } else {
                    acknowledgements.failed(source, number, failure);
                }
            });
        } catch (RuntimeException failure) {
            inFlight.release();
            acknowledgements.failed(source, number, failure);
        }
    }

    /** Ends the stream and returns when everything that was sent has been answered. */
    @Override
    public void close() {
        ticks.close();
        producer.close(LAST_SENDS);
    }
}
