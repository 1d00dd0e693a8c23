package io.kafscale.it;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.atLeast;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.KafscaleProcess;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.broker.Storage;
import io.kafscale.it.client.Clients;
import io.kafscale.testkit.etcd.EtcdCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker whose metadata is in etcd, and etcd is gone for a while. */
@OnlyKafscale
class EtcdOutageIT {
    private static final int RECORDS = 200;

    @TempDir
    Path directory;

    private EtcdCluster etcd;
    private BrokerUnderTest broker;
    private Clients clients;

    @BeforeEach
    void start() {
        etcd = EtcdCluster.startSingle(directory);
        broker = KafscaleProcess.launchFresh(
                Storage.directory(), "etcd://" + etcd.member().endpoint());
        clients = new Clients(broker);
    }

    @AfterEach
    void stop() {
        broker.close();
        etcd.close();
    }

    @Test
    void recordsAreTakenAndServedWhileItIsDownAndGroupsGoOnAfterwards() {
        // Given
        String topic = clients.topic(1);
        try (var producer = clients.producer();
                var reader = clients.reader()) {
            produce(producer, topic, 0);
            // When
            etcd.member().kill();
            produce(producer, topic, RECORDS);
            reader.assign(partitions(topic, 1));
            reader.seekToBeginning(partitions(topic, 1));
            // Then
            assertThat(atLeast(reader, 2 * RECORDS)).hasSize(2 * RECORDS);
            etcd.member().start();
            assertThat(clients.topic(2)).isNotEqualTo(topic);
        }
        try (var member = member()) {
            member.subscribe(List.of(topic));
            assertThat(atLeast(member, 2 * RECORDS)).hasSize(2 * RECORDS);
            member.commitSync();
        }
    }

    @Test
    void aBrokerThatStopsCleanlyLeavesNoLeaseToWaitFor() {
        // Given
        String topic = clients.topic(1);
        try (var producer = clients.producer()) {
            produce(producer, topic, 0);
        }
        // When
        broker.stop();
        broker.start();
        // Then
        try (var reader = clients.reader()) {
            reader.assign(partitions(topic, 1));
            reader.seekToBeginning(partitions(topic, 1));
            assertThat(atLeast(reader, RECORDS)).hasSize(RECORDS);
        }
    }

    private KafkaConsumer<String, String> member() {
        return clients.consumer(Map.of("group.id", Clients.unique("group"), "auto.offset.reset", "earliest"));
    }

    private static void produce(KafkaProducer<String, String> producer, String topic, int from) {
        IntStream.range(from, from + RECORDS)
                .mapToObj(i -> producer.send(new ProducerRecord<>(topic, 0, "key", "value " + i)))
                .toList()
                .forEach(sent -> assertThat(get(sent).hasOffset()).isTrue());
    }
}
