package io.kafscale.programs.old;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The Java client of Kafka 2.1, told by the tests what to do: see ScriptedClient for the words. */
public final class OldClient {
    private OldClient() {}

    /** Does what the first argument says. */
    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[1];
        List<String> words = Arrays.asList(arguments).subList(2, arguments.length);
        switch (arguments[0]) {
            case "produce":
                produce(bootstrap, words);
                break;
            case "consume":
                consume(bootstrap, words.get(0), Integer.parseInt(words.get(1)));
                break;
            case "member":
                member(bootstrap, words.get(0), words.get(1));
                break;
            case "admin":
                OldAdmin.run(bootstrap, words.get(0), words.get(1), words.get(2));
                break;
            default:
                throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("done");
    }

    private static void produce(String bootstrap, List<String> words) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("compression.type", words.get(2));
        settings.put("enable.idempotence", words.get(3));
        settings.put("acks", "all");
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < Integer.parseInt(words.get(1)); i++) {
                sent.add(producer.send(new ProducerRecord<>(words.get(0), "key", Integer.toString(i))));
            }
            for (Future<RecordMetadata> future : sent) {
                future.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static void consume(String bootstrap, String topic, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, new Properties())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (int left = count; left > 0; ) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    print(record);
                    left--;
                }
            }
            check(consumer.beginningOffsets(List.of(partition)).get(partition) == 0, "the beginning");
            check(consumer.endOffsets(List.of(partition)).get(partition) == consumer.position(partition), "the end");
        }
    }

    private static void member(String bootstrap, String topic, String group) {
        Properties settings = new Properties();
        settings.put("group.id", group);
        Thread untilToldToLeave = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    continue;
                }
            } catch (IOException closed) {
                throw new IllegalStateException(closed);
            }
        });
        untilToldToLeave.start();
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, settings)) {
            consumer.subscribe(List.of(topic), new Rebalances());
            while (untilToldToLeave.isAlive()) {
                consumer.poll(Duration.ofMillis(200)).forEach(OldClient::print);
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap, Properties settings) {
        settings.put("bootstrap.servers", bootstrap);
        settings.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static void print(ConsumerRecord<String, String> record) {
        System.out.println("record " + record.partition() + " " + record.offset() + " " + record.value());
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("not as expected: " + what);
        }
    }

    private static final class Rebalances implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            System.out.println("assigned "
                    + partitions.stream()
                            .map(TopicPartition::partition)
                            .sorted()
                            .map(String::valueOf)
                            .collect(Collectors.joining(" ")));
        }
    }
}
