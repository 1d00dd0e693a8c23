package io.kafscale.it;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Clients;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever talks nonsense loses the connection; a well-behaved client, connected all the while, notices nothing. */
@OnEmbeddedStorage
class MalformedInputIT {
    private static final long MOST_RESIDENT_BYTES = 1_200L << 20;
    private static final int PRODUCE_VERSION = 9;
    private static final int METADATA_VERSION = 4;
    private static final int API_VERSIONS_VERSION = 2;
    private static final int HUGE = 1_500_000_000;

    private final BrokerUnderTest broker;
    private final Clients clients;
    private final String topic;
    private final KafkaProducer<String, String> bystander;
    private int sent;

    MalformedInputIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.topic = clients.topic(1);
        this.bystander = clients.producer();
    }

    @BeforeEach
    void aBystanderIsConnected() {
        theBystanderIsServed();
    }

    @AfterEach
    void theBystanderNoticedNothing() {
        theBystanderIsServed();
        double closed = bystander.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("connection-close-total"))
                .filter(metric -> metric.getKey().group().equals("producer-metrics"))
                .mapToDouble(metric -> (double) metric.getValue().metricValue())
                .sum();
        assertThat(closed).as("connections of the bystander that were closed").isZero();
        assertThat(broker.residentBytes()).isLessThan(MOST_RESIDENT_BYTES);
        bystander.close();
    }

    private void theBystanderIsServed() {
        get(bystander.send(new ProducerRecord<>(topic, "record " + sent++)));
        try (var consumer = clients.reader()) {
            assertThat(everything(consumer, partitions(topic, 1))).hasSize(sent);
        }
    }

    @Test
    void anotherProtocolIsCutOff() {
        try (var connection = RawConnection.open(broker)) {
            connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            connection.assertClosed();
        }
    }

    @Test
    void noiseIsCutOff() {
        var random = new Random(20_261_121);
        for (int i = 0; i < 20; i++) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            try (var connection = RawConnection.open(broker)) {
                connection.announce(noise.length).send(noise).assertClosed();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, (100 << 20) + 1, -1, Integer.MIN_VALUE})
    void aLengthThatNoRequestMayHaveIsCutOff(int length) {
        for (int i = 0; i < 20; i++) {
            try (var connection = RawConnection.open(broker)) {
                connection.announce(length).assertClosed();
            }
        }
    }

    @Test
    void aRequestThatDoesNotExistIsCutOff() {
        try (var connection = RawConnection.open(broker)) {
            connection.request(9_999, 0, _ -> {}).assertClosed();
        }
    }

    @Test
    void aVersionThatDoesNotExistIsCutOff() {
        try (var connection = RawConnection.open(broker)) {
            connection.request(ApiKeys.METADATA.id, 99, out -> out.writeInt(-1)).assertClosed();
        }
    }

    @Test
    void aRequestForVersionsThatIsTooNewIsAnswered() {
        try (var connection = RawConnection.open(broker)) {
            connection
                    .request(ApiKeys.API_VERSIONS.id, 99, out -> out.writeByte(0))
                    .assertAnswered();
        }
    }

    @Test
    void aRequestThatEndsInTheMiddleIsCutOff() {
        try (var connection = RawConnection.open(broker)) {
            connection.request(ApiKeys.METADATA.id, METADATA_VERSION, out -> {
                out.writeInt(1);
                out.writeShort(1_000);
                out.writeByte('x');
            });
            connection.assertClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {HUGE, Integer.MAX_VALUE, 200_000_000})
    void anArrayOfMoreThanTheRequestHoldsIsCutOff(int count) {
        try (var connection = RawConnection.open(broker)) {
            connection.request(ApiKeys.METADATA.id, METADATA_VERSION, out -> out.writeInt(count));
            connection.assertClosed();
        }
    }

    @Test
    void aProduceRequestFullOfNoiseIsCutOff() {
        var random = new Random(20_261_122);
        byte[] noise = new byte[10_000];
        random.nextBytes(noise);
        try (var connection = RawConnection.open(broker)) {
            connection
                    .request(ApiKeys.PRODUCE.id, PRODUCE_VERSION, out -> out.write(noise))
                    .assertClosed();
        }
    }

    @Test
    void whoSendsHalfARequestAndFallsSilentBlocksNobody() {
        var silent = new ArrayList<RawConnection>();
        for (int i = 0; i < 50; i++) {
            silent.add(RawConnection.open(broker).announce(1_000).send(new byte[500]));
        }
        theBystanderIsServed();
        silent.forEach(RawConnection::close);
    }

    @Test
    void whoConnectsAndSaysNothingBlocksNobody() {
        List<RawConnection> silent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            silent.add(RawConnection.open(broker));
        }
        theBystanderIsServed();
        silent.forEach(RawConnection::close);
    }

    @Test
    void aGoodRequestIsAnsweredOnAConnectionOfItsOwn() {
        try (var connection = RawConnection.open(broker)) {
            connection
                    .request(ApiKeys.API_VERSIONS.id, API_VERSIONS_VERSION, _ -> {})
                    .assertAnswered();
        }
    }

    @Test
    @OnlyKafscale
    void manyWhoAnnounceMuchAndDripGetNoMemoryAndBlockNobody() {
        var dripping = new ArrayList<RawConnection>();
        for (int i = 0; i < 50; i++) {
            dripping.add(RawConnection.open(broker).announce(90 << 20).send(new byte[100]));
        }
        for (int round = 0; round < 5; round++) {
            dripping.forEach(connection -> connection.send(new byte[1]));
            theBystanderIsServed();
        }
        assertThat(broker.residentBytes()).isLessThan(MOST_RESIDENT_BYTES);
        dripping.forEach(RawConnection::close);
    }
}
