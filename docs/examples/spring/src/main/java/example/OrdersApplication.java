package example;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.KafkaTemplate;

/** Creates a topic, sends three records with KafkaTemplate, reads them with a KafkaListener, and ends. */
@SpringBootApplication
public class OrdersApplication {
    private static final String TOPIC = "orders-spring";

    private final CountDownLatch read = new CountDownLatch(3);

    public static void main(String[] arguments) {
        SpringApplication.run(OrdersApplication.class, arguments).close();
    }

    @Bean
    NewTopic orders() {
        return TopicBuilder.name(TOPIC).partitions(2).build();
    }

    @Bean
    ApplicationRunner send(KafkaTemplate<String, String> kafka) {
        return arguments -> {
            for (int number = 1; number <= 3; number++) {
                var sent = kafka.send(TOPIC, "customer-" + number, "{\"order\":" + number + "}").get();
                System.out.println("sent to " + sent.getRecordMetadata());
            }
            if (!read.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException(read.getCount() + " records did not arrive");
            }
        };
    }

    @KafkaListener(topics = TOPIC)
    void bill(ConsumerRecord<String, String> order) {
        System.out.println("read " + order.topic() + "-" + order.partition() + "@" + order.offset() + ": " + order.key()
                + " " + order.value());
        read.countDown();
    }
}
