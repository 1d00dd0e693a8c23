package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Prints records: as text their value, or key and value, byte for byte; as JSON one object a line with everything there is. Main
 * thread.
 */
final class RecordPrinter {
    private static final byte[] NULL = utf8("null");
    private static final byte[] LINE_END = utf8(System.lineSeparator());

    private final PrintStream out;
    private final OutputOption.Format format;
    private final Optional<String> keySeparator;

    RecordPrinter(PrintStream out, OutputOption.Format format, Optional<String> keySeparator) {
        this.out = out;
        this.format = format;
        this.keySeparator = keySeparator;
    }

    /** Prints one record; false if nobody reads any more. */
    boolean print(ConsumerRecord<byte[], byte[]> found) {
        if (format == OutputOption.Format.json) {
            out.writeBytes(utf8(OutputOption.jsonLine(view(found))));
        } else {
            keySeparator.ifPresent(separator -> {
                out.writeBytes(orNull(found.key()));
                out.writeBytes(utf8(separator));
            });
            out.writeBytes(orNull(found.value()));
        }
        out.writeBytes(LINE_END);
        return !out.checkError();
    }

    private static Map<String, Object> view(ConsumerRecord<byte[], byte[]> found) {
        var view = new LinkedHashMap<String, Object>();
        view.put("topic", found.topic());
        view.put("partition", found.partition());
        view.put("offset", found.offset());
        view.put("timestampMs", found.timestamp());
        put(view, "key", found.key());
        put(view, "value", found.value());
        var headers = new ArrayList<Map<String, Object>>();
        found.headers().forEach(header -> {
            var one = new LinkedHashMap<String, Object>();
            one.put("name", header.key());
            put(one, "value", header.value());
            headers.add(one);
        });
        view.put("headers", headers);
        return view;
    }

    /** Text as text; what is no UTF-8 as base 64 under a name that says so. */
    private static void put(Map<String, Object> view, String name, byte @Nullable [] bytes) {
        if (bytes == null) {
            view.put(name, null);
            return;
        }
        try {
            view.put(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException binary) {
            view.put(name + "Base64", Base64.getEncoder().encodeToString(bytes));
        }
    }

    private static byte[] orNull(byte @Nullable [] bytes) {
        return bytes == null ? NULL : bytes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
