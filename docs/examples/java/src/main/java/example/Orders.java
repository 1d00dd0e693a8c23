package example;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends three records and reads them back, with the defaults of Apache Kafka's own client. */
public final class Orders {
    private static final String TOPIC = "orders-java";

    private Orders() {}

    public static void main(String[] arguments) throws Exception {
        String bootstrap = Objects.requireNonNullElse(System.getenv("BOOTSTRAP"), "127.0.0.1:9092");
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            for (int number = 1; number <= 3; number++) {
                var record = new ProducerRecord<>(TOPIC, "customer-" + number, "{\"order\":" + number + "}");
                var sent = producer.send(record).get(); // acknowledged: the object store has it
                System.out.println("sent " + record.key() + " to " + sent);
            }
        }
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrap,
                "group.id", "billing-java",
                "group.protocol", "consumer", // KIP-848; leave it out for the classic protocol
                "auto.offset.reset", "earliest",
                "enable.auto.commit", "false");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            for (int read = 0; read < 3; ) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println("read offset " + record.offset() + ": " + record.key() + " " + record.value());
                    read++;
                }
                consumer.commitSync();
            }
        }
    }
}
