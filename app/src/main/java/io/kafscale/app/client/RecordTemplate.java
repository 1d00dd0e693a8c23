package io.kafscale.app.client;

import io.kafscale.app.cli.CommandException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * How a line of input becomes a record. Immutable. Lines are bytes held in strings, one Latin-1 character each, so that they reach
 * the broker as they were, whatever their encoding.
 *
 * @param partition where all records go; empty to let the client choose
 * @param keySeparator what separates key and value; empty for lines without a key
 * @param headers headers of every record
 */
record RecordTemplate(
        String topic, Optional<Integer> partition, Optional<String> keySeparator, Map<String, String> headers) {
    ProducerRecord<byte[], byte[]> recordOf(String line, long lineNumber) {
        if (keySeparator.isEmpty()) {
            return recordOf(null, line);
        }
        String separator = new String(keySeparator.get().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        int at = line.indexOf(separator);
        if (at < 0) {
            throw new CommandException("Line " + lineNumber + " has no key separator '" + keySeparator.get()
                    + "'. The lines before it were sent.");
        }
        return recordOf(bytes(line.substring(0, at)), line.substring(at + separator.length()));
    }

    private ProducerRecord<byte[], byte[]> recordOf(byte @Nullable [] key, String value) {
        Headers all = new RecordHeaders();
        headers.forEach((name, text) -> all.add(name, text.getBytes(StandardCharsets.UTF_8)));
        return new ProducerRecord<>(topic, partition.orElse(null), key, bytes(value), all);
    }

    private static byte[] bytes(String line) {
        return line.getBytes(StandardCharsets.ISO_8859_1);
    }
}
