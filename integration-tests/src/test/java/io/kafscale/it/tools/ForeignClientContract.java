package io.kafscale.it.tools;

import static io.kafscale.it.client.Polling.atLeast;
import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.client.Clients;
import io.kafscale.it.tools.ForeignClient.ProducerChoice;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** What every client must be able to do, with its default settings, and together with today's Java client. */
abstract class ForeignClientContract {
    private static final int RECORDS = 200;
    private static final List<String> VALUES = numbers(RECORDS);

    final BrokerUnderTest broker;
    final Clients clients;
    private final ForeignClient client;

    ForeignClientContract(BrokerUnderTest broker, ForeignClient client) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.client = client;
    }

    @Test
    void whatItProducesWithEachCompressionTheJavaClientAndItselfRead() {
        for (String compression : client.compressions()) {
            // Given
            String topic = clients.topic(1);
            // When
            client.produce(broker, topic, RECORDS, new ProducerChoice(compression, false));
            // Then
            assertThat(readByJava(topic)).as(compression).isEqualTo(VALUES);
            assertThat(client.consume(broker, topic, RECORDS)).as(compression).isEqualTo(VALUES);
        }
    }

    @Test
    void whatTheJavaClientProducesWithEachCompressionItReads() {
        for (String compression : client.compressions()) {
            // Given
            String topic = clients.topic(1);
            produceByJava(topic, 1, Map.of("compression.type", compression));
            // When / Then
            assertThat(client.consume(broker, topic, RECORDS)).as(compression).isEqualTo(VALUES);
        }
    }

    @Test
    void itsIdempotentProducerDeliversEachRecordOnce() {
        // Given
        String topic = clients.topic(1);
        // When
        client.produce(broker, topic, RECORDS, new ProducerChoice("none", client.isIdempotent()));
        // Then
        assertThat(readByJava(topic)).isEqualTo(VALUES);
    }

    @Test
    void twoMembersShareATopicAndOneTakesAllWhenTheOtherLeaves() {
        // Given
        String topic = clients.topic(4);
        String group = Clients.unique("group");
        try (var first = client.join(broker, topic, group)) {
            first.awaitAssignment(4, 1);
            try (var second = client.join(broker, topic, group)) {
                second.awaitAssignment(2, 1);
                first.awaitAssignment(2, 1);
                // When
                produceByJava(topic, 4, Map.of());
                // Then
                first.awaitRecords(RECORDS / 2);
                second.awaitRecords(RECORDS / 2);
                assertThat(Stream.concat(first.records().stream(), second.records().stream()))
                        .hasSize(RECORDS)
                        .doesNotHaveDuplicates();
            }
            first.awaitAssignment(4, 2);
        }
    }

    @Test
    void theNextMemberGoesOnWhereTheLastOneLeft() {
        // Given
        String topic = clients.topic(1);
        String group = Clients.unique("group");
        produceByJava(topic, 1, Map.of());
        try (var member = client.join(broker, topic, group)) {
            member.awaitRecords(RECORDS);
        }
        // When
        produceByJava(topic, 1, Map.of());
        try (var member = client.join(broker, topic, group)) {
            member.awaitRecords(RECORDS);
            // Then
            assertThat(member.records()).hasSize(RECORDS).first().isEqualTo("record 0 " + RECORDS + " 0");
        }
    }

    @Test
    void itAndTheJavaClientUseEachOthersCommittedOffsets() {
        // Given
        String topic = clients.topic(1);
        String group = Clients.unique("group");
        produceByJava(topic, 1, Map.of());
        try (var member = client.join(broker, topic, group)) {
            member.awaitRecords(RECORDS);
        }
        produceByJava(topic, 1, Map.of());
        // When
        try (var consumer = clients.member(group)) {
            consumer.subscribe(List.of(topic));
            // Then
            assertThat(atLeast(consumer, RECORDS))
                    .hasSize(RECORDS)
                    .first()
                    .extracting(ConsumerRecord::offset)
                    .isEqualTo((long) RECORDS);
        }
    }

    private List<String> readByJava(String topic) {
        try (var consumer = clients.reader()) {
            return everything(consumer, partitions(topic, 1)).stream()
                    .map(ConsumerRecord::value)
                    .toList();
        }
    }

    /** {@link #RECORDS} records, as many to each partition. */
    void produceByJava(String topic, int partitions, Map<String, ?> settings) {
        try (var producer = clients.producer(settings)) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, "key", Integer.toString(i)));
            }
        }
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }
}
