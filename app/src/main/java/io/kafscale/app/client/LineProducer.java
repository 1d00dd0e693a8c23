package io.kafscale.app.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Sends lines as records and counts what the broker acknowledged. Used by one thread; acknowledgements come on the client's. */
final class LineProducer {
    /** What was acknowledged. */
    record Summary(String topic, long records, Map<Integer, Offsets> partitions) {}

    /** First and last offset that records of ours got in a partition. */
    record Offsets(long first, long last) {
        Offsets and(Offsets other) {
            return new Offsets(Math.min(first, other.first), Math.max(last, other.last));
        }
    }

    private final Producer<byte[], byte[]> producer;
    private final RecordTemplate template;
    private final Map<Integer, Offsets> partitions = new TreeMap<>();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private long acknowledged;

    LineProducer(Producer<byte[], byte[]> producer, RecordTemplate template) {
        this.producer = producer;
        this.template = template;
    }

    /**
     * Sends every line and waits until all are acknowledged.
     *
     * @throws KafkaException the first failure; later lines were not sent
     */
    Summary sendAll(BufferedReader lines) {
        try {
            long number = 0;
            for (String line = lines.readLine(); line != null && failure.get() == null; line = lines.readLine()) {
                number++;
                producer.send(template.recordOf(line, number), this::onAnswer);
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } finally {
            producer.flush();
        }
        var failed = failure.get();
        if (failed != null) {
            throw failed instanceof RuntimeException runtime ? runtime : new KafkaException(failed);
        }
        synchronized (this) {
            return new Summary(template.topic(), acknowledged, new TreeMap<>(partitions));
        }
    }

    /** How many records were acknowledged so far. Any thread. */
    synchronized long acknowledged() {
        return acknowledged;
    }

    private synchronized void onAnswer(@Nullable RecordMetadata metadata, @Nullable Exception failed) {
        if (failed != null) {
            failure.compareAndSet(null, failed);
        } else if (metadata != null) {
            acknowledged++;
            partitions.merge(metadata.partition(), new Offsets(metadata.offset(), metadata.offset()), Offsets::and);
        }
    }
}
