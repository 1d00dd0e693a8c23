package io.kafscale.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.app.cli.CommandException;
import java.io.BufferedReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class LineProducerTest {
    private final ByteArraySerializer bytes = new ByteArraySerializer();

    @Test
    void eachLineBecomesARecordAndIsCountedWhenAcknowledged() {
        var producer = new MockProducer<>(true, null, bytes, bytes);

        var summary = new LineProducer(producer, template(Optional.empty())).sendAll(lines("one\ntwo\n"));

        assertThat(summary.records()).isEqualTo(2);
        assertThat(summary.partitions()).containsOnly(Map.entry(0, new LineProducer.Offsets(0, 1)));
        assertThat(producer.history())
                .allSatisfy(sent -> assertThat(sent.key()).isNull())
                .extracting(sent -> text(sent.value()))
                .containsExactly("one", "two");
    }

    @Test
    void keysAreSplitOffAtTheFirstSeparator() {
        var producer = new MockProducer<>(true, null, bytes, bytes);
        var template = new RecordTemplate("orders", Optional.of(2), Optional.of("→"), Map.of("source", "test"));

        new LineProducer(producer, template).sendAll(lines(latin1("k→v→w")));

        var sent = producer.history().getFirst();
        assertThat(text(sent.key())).isEqualTo("k");
        assertThat(text(sent.value())).isEqualTo("v→w");
        assertThat(sent.partition()).isEqualTo(2);
        assertThat(text(sent.headers().lastHeader("source").value())).isEqualTo("test");
    }

    @Test
    void aLineWithoutSeparatorStopsWithItsNumber() {
        var producer = new MockProducer<>(true, null, bytes, bytes);

        assertThatThrownBy(() -> new LineProducer(producer, template(Optional.of(":"))).sendAll(lines("a:1\nb\nc:3\n")))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("Line 2 has no key separator ':'");
        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void theFirstFailureEndsItAndIsReported() {
        var producer = new MockProducer<>(false, null, bytes, bytes) {
            @Override
            public synchronized void flush() {
                completeNext();
                errorNext(new RecordTooLargeException("too large"));
                super.flush();
            }
        };
        var sender = new LineProducer(producer, template(Optional.empty()));

        assertThatThrownBy(() -> sender.sendAll(lines("one\ntwo\n"))).isInstanceOf(RecordTooLargeException.class);
        assertThat(sender.acknowledged()).isEqualTo(1);
    }

    private static RecordTemplate template(Optional<String> keySeparator) {
        return new RecordTemplate("orders", Optional.empty(), keySeparator, Map.of());
    }

    private static BufferedReader lines(String text) {
        return new BufferedReader(new StringReader(text));
    }

    private static String latin1(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
