package io.kafscale.app.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How the text of a setting becomes a value, and back. Immutable.
 *
 * @param label the type's name in the documentation
 * @param parser text to value; throws {@link IllegalArgumentException} whose message completes "the value …" and says what to write
 * @param printer value to the text that the parser reads back
 * @param secret whether values are shown to nobody
 */
public record ValueType<T>(String label, Function<String, T> parser, Function<T, String> printer, boolean secret) {
    private static final String NAME_SYNTAX = "[A-Za-z0-9._-]+";

    private ValueType(String label, Function<String, T> parser, Function<T, String> printer) {
        this(label, parser, printer, false);
    }

    static ValueType<Integer> integer(int min, int max) {
        return new ValueType<>("integer", text -> parseInteger(text, min, max), value -> Integer.toString(value));
    }

    static ValueType<Boolean> bool() {
        return new ValueType<>("boolean", ValueType::parseBoolean, value -> Boolean.toString(value));
    }

    static ValueType<ByteSize> size(ByteSize min, ByteSize max) {
        return new ValueType<>(
                "size", text -> inRange(ByteSize.parse(text), min, max, ByteSize::toString), ByteSize::toString);
    }

    static ValueType<Duration> duration(Duration min, Duration max) {
        return new ValueType<>(
                "duration", text -> inRange(Durations.parse(text), min, max, Durations::print), Durations::print);
    }

    static ValueType<HostPort> address() {
        return new ValueType<>("host:port", HostPort::parse, HostPort::toString);
    }

    static ValueType<StorageUri> storage() {
        return new ValueType<>("URI", StorageUri::parse, StorageUri::toString);
    }

    static ValueType<MetadataUri> metadata() {
        return new ValueType<>("URI", MetadataUri::parse, MetadataUri::toString);
    }

    static ValueType<FlushRate> rate() {
        return new ValueType<>("rate", FlushRate::parse, FlushRate::toString);
    }

    static ValueType<URI> endpoint() {
        return new ValueType<>("URL", ValueType::parseEndpoint, URI::toString);
    }

    /** A name that may stand in an object key. */
    static ValueType<String> name() {
        return new ValueType<>("name", ValueType::parseName, Function.identity());
    }

    /** Any text. */
    static ValueType<String> text() {
        return new ValueType<>("text", ValueType::parseText, Function.identity());
    }

    /** Any text, shown to nobody. */
    static ValueType<String> secretText() {
        return new ValueType<>("secret", ValueType::parseText, Function.identity(), true);
    }

    static ValueType<Path> file() {
        return new ValueType<>("file", ValueType::parseFile, Path::toString);
    }

    /** The same type where nothing (empty text) is a value too. */
    static <T> ValueType<Optional<T>> optional(ValueType<T> type) {
        return new ValueType<>(
                type.label(),
                text -> text.isBlank()
                        ? Optional.empty()
                        : Optional.of(type.parser().apply(text)),
                value -> value.map(type.printer()).orElse(""),
                type.secret());
    }

    /** One of some constants, by their names in lower case with dashes. */
    static <E extends Enum<E>> ValueType<E> choice(List<E> choices) {
        var names = choices.stream().map(ValueType::choiceName).collect(Collectors.joining(", "));
        return new ValueType<>(
                "choice",
                text -> choices.stream()
                        .filter(choice -> choiceName(choice).equals(text.trim()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("is none of the choices: " + names)),
                ValueType::choiceName);
    }

    private static String choiceName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static int parseInteger(String text, int min, int max) {
        String trimmed = text.trim();
        if (!trimmed.matches("-?\\d{1,10}")) {
            throw new IllegalArgumentException("is not a whole number");
        }
        return inRange(Long.parseLong(trimmed), (long) min, (long) max, n -> Long.toString(n))
                .intValue();
    }

    private static boolean parseBoolean(String text) {
        return switch (text.trim()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("is neither true nor false");
        };
    }

    private static String parseName(String text) {
        String trimmed = text.trim();
        if (!trimmed.matches(NAME_SYNTAX) || trimmed.startsWith(".")) {
            throw new IllegalArgumentException(
                    "is not a name; use letters, digits, dot, dash and underscore, not starting with a dot");
        }
        return trimmed;
    }

    private static String parseText(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("is empty");
        }
        return text;
    }

    private static Path parseFile(String text) {
        try {
            return Path.of(text.trim());
        } catch (InvalidPathException malformed) {
            throw new IllegalArgumentException("is not a file we can name: " + malformed.getMessage(), malformed);
        }
    }

    private static URI parseEndpoint(String text) {
        try {
            URI uri = new URI(text.trim());
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException("is not a URL: " + malformed.getMessage(), malformed);
        }
        throw new IllegalArgumentException("is not an http or https URL, as in http://127.0.0.1:9000");
    }

    private static <C extends Comparable<C>> C inRange(C value, C min, C max, Function<C, String> printer) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException("is outside of " + printer.apply(min) + " to " + printer.apply(max));
        }
        return value;
    }
}
