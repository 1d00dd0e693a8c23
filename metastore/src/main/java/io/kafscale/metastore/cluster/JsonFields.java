package io.kafscale.metastore.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one stored JSON object, read strictly: what is missing or of another type makes the value
 * {@link MetadataException.Kind#CORRUPT}, and the message names the key. Fields nobody asks for are ignored, a later version of the
 * whole is refused. For one thread.
 */
final class JsonFields {
    private static final int VERSION = 1;
    private static final String VERSION_FIELD = "v";
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final String where;
    private final JsonNode node;

    private JsonFields(String where, JsonNode node) {
        this.where = where;
        this.node = node;
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode().put(VERSION_FIELD, VERSION);
    }

    static ObjectNode part() {
        return MAPPER.createObjectNode();
    }

    static Bytes encode(ObjectNode object) {
        try {
            return Bytes.copyOf(MAPPER.writeValueAsBytes(object));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree of JSON nodes cannot be written", impossible);
        }
    }

    static JsonFields decode(KeyValue stored) {
        String where = "the value of " + stored.key() + " at revision " + stored.modRevision();
        try {
            JsonNode node = MAPPER.readTree(stored.value().toArray());
            if (!node.isObject()) {
                throw corrupt(where, "is not a JSON object", null);
            }
            var fields = new JsonFields(where, node);
            long version = fields.number(VERSION_FIELD);
            if (version != VERSION) {
                throw corrupt(where, "has version " + version + ", this software knows " + VERSION, null);
            }
            return fields;
        } catch (IOException unreadable) {
            throw corrupt(where, "is not JSON", unreadable);
        }
    }

    String text(String name) {
        JsonNode field = node.path(name);
        if (!field.isTextual()) {
            throw corrupt(where, "has no text '" + name + "'", null);
        }
        return field.textValue();
    }

    @Nullable
    String optionalText(String name) {
        return node.has(name) ? text(name) : null;
    }

    long number(String name) {
        JsonNode field = node.path(name);
        if (!field.isIntegralNumber() || !field.canConvertToLong()) {
            throw corrupt(where, "has no number '" + name + "'", null);
        }
        return field.longValue();
    }

    OptionalLong optionalNumber(String name) {
        return node.has(name) ? OptionalLong.of(number(name)) : OptionalLong.empty();
    }

    int smallNumber(String name) {
        long number = number(name);
        if (number != (int) number) {
            throw corrupt(where, "has no 32-bit number '" + name + "'", null);
        }
        return (int) number;
    }

    Map<String, String> texts(String name) {
        JsonNode field = node.path(name);
        if (!field.isObject()) {
            throw corrupt(where, "has no object '" + name + "'", null);
        }
        var inner = new JsonFields(where, field);
        var texts = new LinkedHashMap<String, String>();
        field.fieldNames().forEachRemaining(key -> texts.put(key, inner.text(key)));
        return texts;
    }

    List<String> textList(String name) {
        JsonNode field = node.path(name);
        if (!field.isArray()) {
            throw corrupt(where, "has no list '" + name + "'", null);
        }
        return field.valueStream()
                .map(element -> {
                    if (!element.isTextual()) {
                        throw corrupt(where, "has something else than texts in '" + name + "'", null);
                    }
                    return element.textValue();
                })
                .toList();
    }

    Iterable<JsonFields> list(String name) {
        JsonNode field = node.path(name);
        if (!field.isArray()) {
            throw corrupt(where, "has no list '" + name + "'", null);
        }
        return () -> field.valueStream()
                .map(element -> new JsonFields(where, element))
                .iterator();
    }

    /** Where these fields are, for messages. */
    String where() {
        return where;
    }

    static MetadataException corrupt(String where, String what, @Nullable Throwable cause) {
        String message = where + " " + what;
        return cause == null
                ? new MetadataException(MetadataException.Kind.CORRUPT, message)
                : new MetadataException(MetadataException.Kind.CORRUPT, message, cause);
    }
}
