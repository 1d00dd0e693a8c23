package io.kafscale.app.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.app.cli.OutputOption.Format;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordPrinterTest {
    private final StringWriter out = new StringWriter();

    @Test
    void textIsTheValue() {
        print(Format.text, Optional.empty(), record("k".getBytes(UTF_8), "grüße".getBytes(UTF_8)));

        assertThat(out).hasToString("grüße" + System.lineSeparator());
    }

    @Test
    void textHasTheKeyWhereASeparatorIsGiven() {
        print(Format.text, Optional.of(":"), record(null, "v".getBytes(UTF_8)));

        assertThat(out).hasToString("null:v" + System.lineSeparator());
    }

    @Test
    void jsonHasEverythingOnOneLine() {
        print(Format.json, Optional.empty(), record("k".getBytes(UTF_8), null));

        assertThat(out)
                .hasToString("{\"topic\":\"orders\",\"partition\":3,\"offset\":42,\"timestampMs\":1000,\"key\":\"k\","
                        + "\"value\":null,\"headers\":[{\"name\":\"h\",\"value\":\"x\"}]}"
                        + System.lineSeparator());
    }

    @Test
    void whatIsNoTextIsBase64UnderANameThatSaysSo() {
        print(Format.json, Optional.empty(), record(null, new byte[] {(byte) 0xff, (byte) 0xfe}));

        assertThat(out.toString()).contains("\"key\":null,\"valueBase64\":\"//4=\",\"headers\"");
    }

    private void print(Format format, Optional<String> keySeparator, ConsumerRecord<byte[], byte[]> record) {
        assertThat(new RecordPrinter(new PrintWriter(out, true), format, keySeparator).print(record))
                .isTrue();
    }

    // Kafka's constructor is not annotated: a key or value may be null
    @SuppressWarnings("NullAway")
    private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] key, byte @Nullable [] value) {
        var headers = new RecordHeaders().add("h", "x".getBytes(UTF_8));
        return new ConsumerRecord<>(
                "orders", 3, 42, 1000, TimestampType.CREATE_TIME, 1, 1, key, value, headers, Optional.empty());
    }
}
