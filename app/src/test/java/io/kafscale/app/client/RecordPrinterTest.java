package io.kafscale.app.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.app.cli.OutputOption.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordPrinterTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void textIsTheValue() {
        print(Format.text, Optional.empty(), record("k".getBytes(UTF_8), "grüße".getBytes(UTF_8)));

        assertThat(out.toString(UTF_8)).isEqualTo("grüße" + System.lineSeparator());
    }

    @Test
    void textHasTheKeyWhereASeparatorIsGiven() {
        print(Format.text, Optional.of(":"), record(null, "v".getBytes(UTF_8)));

        assertThat(out.toString(UTF_8)).isEqualTo("null:v" + System.lineSeparator());
    }

    @Test
    void jsonHasEverythingOnOneLine() {
        print(Format.json, Optional.empty(), record("k".getBytes(UTF_8), null));

        assertThat(out.toString(UTF_8))
                .isEqualTo("{\"topic\":\"orders\",\"partition\":3,\"offset\":42,\"timestampMs\":1000,\"key\":\"k\","
                        + "\"value\":null,\"headers\":[{\"name\":\"h\",\"value\":\"x\"}]}"
                        + System.lineSeparator());
    }

    @Test
    void whatIsNoTextIsBase64UnderANameThatSaysSo() {
        print(Format.json, Optional.empty(), record(null, new byte[] {(byte) 0xff, (byte) 0xfe}));

        assertThat(out.toString(UTF_8)).contains("\"key\":null,\"valueBase64\":\"//4=\",\"headers\"");
    }

    @Test
    void textIsTheBytesOfTheRecordWhateverTheyAre() {
        print(Format.text, Optional.empty(), record(null, new byte[] {(byte) 0xff, (byte) 0xe9}));

        assertThat(out.toByteArray()).startsWith(0xff, 0xe9);
    }

    @Test
    void itNoticesThatNobodyReads() {
        var closed = new OutputStream() {
            @Override
            public void write(int next) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        var printer = new RecordPrinter(new PrintStream(closed), Format.text, Optional.empty());

        assertThat(printer.print(record(null, new byte[] {1}))).isFalse();
    }

    private void print(Format format, Optional<String> keySeparator, ConsumerRecord<byte[], byte[]> record) {
        assertThat(new RecordPrinter(new PrintStream(out), format, keySeparator).print(record))
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
