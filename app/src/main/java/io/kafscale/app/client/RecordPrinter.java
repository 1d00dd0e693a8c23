package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import java.io.PrintWriter;
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

/** Prints records: as text their value, or key and value; as JSON one object a line with everything there is. Main thread. */
final class RecordPrinter {
    private final PrintWriter out;
    private final OutputOption.Format format;
    private final Optional<String> keySeparator;

    RecordPrinter(PrintWriter out, OutputOption.Format format, Optional<String> keySeparator) {
        this.out = out;
        this.format = format;
        this.keySeparator = keySeparator;
    }

    /** Prints one record; false if nobody reads any more. */
    boolean print(ConsumerRecord<byte[], byte[]> found) {
        if (format == OutputOption.Format.json) {
            out.println(OutputOption.jsonLine(view(found)));
        } else {
            keySeparator.ifPresent(separator -> out.print(text(found.key()) + separator));
            out.println(text(found.value()));
        }
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

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
    }
}
