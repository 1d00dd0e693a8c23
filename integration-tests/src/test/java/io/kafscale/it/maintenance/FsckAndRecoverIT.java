package io.kafscale.it.maintenance;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.atLeast;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code kafscale fsck} beside a broker, and {@code kafscale recover} after its metadata was lost or set back. */
@OnlyKafscale
class FsckAndRecoverIT {
    private final DirectoryBroker broker = new DirectoryBroker();
    private final Clients clients = new Clients(broker);

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private void produce(String topic, int from, int to) {
        try (var producer = clients.producer()) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(topic, 0, "k", i + "-" + "x".repeat(200)));
            }
            producer.flush();
        }
    }

    private List<String> read(String topic, int count) {
        try (var reader = clients.reader()) {
            reader.assign(partitions(topic, 1));
            return atLeast(reader, count).stream()
                    .map(ConsumerRecord::value)
                    .map(value -> value.substring(0, value.indexOf('-')))
                    .toList();
        }
    }

    private static List<String> numbers(int count) {
        return Stream.iterate(0, i -> i + 1).limit(count).map(String::valueOf).toList();
    }

    private Path firstSegment(String topic) throws IOException {
        try (Stream<Path> files = Files.list(broker.objects().resolve("default/" + topic + "/0"))) {
            return files.filter(file -> file.toString().endsWith(".kfs"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aBrokerIsCheckedWhileItRunsAndDamageIsFound() throws IOException {
        clients.create(new NewTopic("orders", 1, (short) 1));
        produce("orders", 0, 500);
        assertThat(broker.command("fsck", "--deep")).satisfies(run -> {
            assertThat(run.exitCode()).as("%s", run).isZero();
            assertThat(run.output()).contains("Everything is as it should be.", "every byte");
        });
        Path segment = firstSegment("orders");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[200] ^= 1;
        Files.write(segment, bytes);
        assertThat(broker.command("fsck").exitCode()).isZero();
        assertThat(broker.command("fsck", "--deep", "--output", "json")).satisfies(run -> {
            assertThat(run.exitCode()).as("%s", run).isEqualTo(3);
            assertThat(run.output())
                    .contains("\"unreadable-object\"", segment.getFileName().toString());
        });
        Files.delete(segment);
        assertThat(broker.command("fsck")).satisfies(run -> {
            assertThat(run.exitCode()).as("%s", run).isEqualTo(3);
            assertThat(run.output()).contains("DAMAGE gap", "orders-0");
        });
    }

    @Test
    void lostMetadataIsRebuilt() throws IOException {
        clients.create(new NewTopic("orders", 1, (short) 1));
        produce("orders", 0, 300);
        broker.kill();
        Files.move(broker.metadata(), broker.aside("lost"));
        assertThat(broker.refusal()).contains("kafscale recover");
        // Looking changes nothing.
        assertThat(broker.command("recover")).satisfies(run -> {
            assertThat(run.exitCode()).as("%s", run).isZero();
            assertThat(run.output()).contains("Would recover", "orders", "300", "--yes");
        });
        assertThat(broker.refusal()).contains("kafscale recover");
        // When
        assertThat(broker.command("recover", "--yes")).satisfies(run -> {
            assertThat(run.exitCode()).as("%s", run).isZero();
            assertThat(run.output()).contains("Recovered", "LOST orders");
        });
        // Then
        broker.launch();
        broker.awaitReady();
        produce("orders", 300, 400);
        assertThat(read("orders", 400)).isEqualTo(numbers(400));
        assertThat(broker.command("fsck", "--deep"))
                .satisfies(run -> assertThat(run.exitCode()).as("%s", run).isZero());
    }

    @Test
    void metadataFromAnOldCopyIsBroughtUpToTheBucket() throws IOException {
        clients.create(new NewTopic("orders", 1, (short) 1));
        produce("orders", 0, 100);
        broker.stop();
        DirectoryBroker.copy(broker.metadata(), broker.aside("copy"));
        broker.launch();
        broker.awaitReady();
        produce("orders", 100, 300);
        clients.create(new NewTopic("later", 1, (short) 1));
        produce("later", 0, 50);
        assertThat(broker.command("recover", "--yes")).satisfies(run -> {
            assertThat(run.exitCode()).as("%s", run).isEqualTo(1);
            assertThat(run.errors()).contains("in use");
        });
        broker.kill();
        Files.move(broker.metadata(), broker.aside("newest"));
        Files.move(broker.aside("copy"), broker.metadata());
        assertThat(broker.command("fsck").exitCode()).isEqualTo(3);
        assertThat(broker.refusal()).contains("kafscale recover");
        // When
        assertThat(broker.command("recover", "--yes", "--output", "json")).satisfies(run -> {
            assertThat(run.exitCode()).as("%s", run).isZero();
            assertThat(run.output()).contains("\"restoreGeneration\" : 1", "later");
        });
        // Then
        broker.launch();
        broker.awaitReady();
        produce("orders", 300, 350);
        assertThat(read("orders", 350)).isEqualTo(numbers(350));
        assertThat(read("later", 50)).isEqualTo(numbers(50));
        try (var admin = clients.admin()) {
            assertThat(get(admin.listTopics().names())).contains("orders", "later");
        }
        assertThat(broker.command("fsck", "--deep"))
                .satisfies(run -> assertThat(run.exitCode()).as("%s", run).isZero());
    }
}
