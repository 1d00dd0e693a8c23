package io.kafscale.app.settings;

import java.util.Locale;

/**
 * One key of the configuration. Immutable.
 *
 * @param key dotted name, as in a YAML file and in {@code --set}
 * @param section what it is about; groups the documentation
 * @param type how its text becomes a value
 * @param defaultText the default, as text of that type; empty where the default is "not set"
 * @param doc what it does, in one to three sentences
 * @param example a value somebody might set, as text of that type
 */
public record Setting<T>(
        String key, Section section, ValueType<T> type, String defaultText, String doc, String example) {

    /** What settings are about, in the order of the documentation. */
    public enum Section {
        /** Who this broker is. */
        BROKER("Broker"),
        /** Listening, connections, requests in flight. */
        NETWORK("Network"),
        /** The object store. */
        STORAGE("Object store"),
        /** The metadata store. */
        METADATA("Metadata store"),
        /** The write-ahead log. */
        WAL("Write-ahead log"),
        /** Data at rest, and reading it. */
        SEGMENTS("Segments and caches"),
        /** Defaults of topics. */
        TOPICS("Topics"),
        /** Consumer groups. */
        GROUPS("Consumer groups");

        private final String title;

        Section(String title) {
            this.title = title;
        }

        /** The heading in the documentation. */
        public String title() {
            return title;
        }
    }

    /** Start of the environment variables that are settings. */
    public static final String ENVIRONMENT_PREFIX = "KAFSCALE_";

    /** What is shown instead of a secret. */
    private static final String HIDDEN = "(hidden)";

    /** The environment variable of this key: upper case, with {@code _} for dot and dash. */
    public String environmentVariable() {
        return ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** {@code text} as it may be shown to anybody: not at all if it is a secret. */
    String shown(String text) {
        return type.secret() && !text.isEmpty() ? HIDDEN : text;
    }

    /** The value that {@code text} stands for. */
    T parse(String text) {
        return type.parser().apply(text);
    }

    /** The canonical text of the value that {@code text} stands for. */
    String canonical(String text) {
        return type.printer().apply(parse(text));
    }
}
