package io.kafscale.app.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A YAML file of settings: keys dotted, nested, or both. */
final class SettingsFile {
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private SettingsFile() {}

    /**
     * Dotted keys and their text, in the order of the file.
     *
     * @throws IllegalArgumentException if it cannot be read; the message completes "the file …"
     */
    static Map<String, String> read(Path file) {
        try {
            var settings = new LinkedHashMap<String, String>();
            flatten("", YAML.readTree(Files.readString(file)), settings);
            return settings;
        } catch (NoSuchFileException missing) {
            throw new IllegalArgumentException("does not exist", missing);
        } catch (JsonProcessingException malformed) {
            var where = malformed.getLocation();
            throw new IllegalArgumentException(
                    "is not YAML" + (where == null ? "" : " at line " + where.getLineNr()) + ": "
                            + malformed.getOriginalMessage(),
                    malformed);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("cannot be read: " + unreadable, unreadable);
        }
    }

    private static void flatten(String key, JsonNode node, Map<String, String> settings) {
        if (node.isObject()) {
            node.properties()
                    .forEach(child -> flatten(
                            key.isEmpty() ? child.getKey() : key + "." + child.getKey(), child.getValue(), settings));
        } else if (node.isMissingNode() || (key.isEmpty() && node.isNull())) {
            return; // an empty file
        } else if (key.isEmpty() || node.isArray()) {
            throw new IllegalArgumentException(
                    "has a list or a bare value where key: value is expected" + (key.isEmpty() ? "" : ", at " + key));
        } else if (settings.put(key, node.isNull() ? "" : node.asText()) != null) {
            throw new IllegalArgumentException("says " + key + " twice");
        }
    }
}
