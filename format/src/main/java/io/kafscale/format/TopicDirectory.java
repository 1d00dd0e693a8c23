package io.kafscale.format;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The directory of one topic: the first topic of a name has generation 0 and uses the bare name, each later topic of the
 * same name has the next generation and uses {@code {topic}~{generation}}, so that no key ever holds two contents.
 *
 * <p>Names with a leading dot belong to the namespace itself ({@code .cluster}, {@code .wal}), yet Kafka allows topics
 * called so: their directory carries the generation from the first one on ({@code .wal~0}). Immutable; any thread.
 */
public record TopicDirectory(String topic, long generation) {
    /** Longest topic name that Kafka allows, in characters (which are ASCII, so also in bytes). */
    public static final int MAX_TOPIC_LENGTH = 249;

    public TopicDirectory {
        if (!isTopicName(topic) || generation < 0) {
            throw new IllegalArgumentException("no topic directory: '" + topic + "' generation " + generation);
        }
    }

    /** Reads what {@link #toString} writes; empty for anything else. */
    public static Optional<TopicDirectory> parse(String directory) {
        int tilde = directory.indexOf('~');
        String topic = tilde < 0 ? directory : directory.substring(0, tilde);
        var generation = tilde < 0 ? OptionalLong.of(0) : Decimal.parse(directory.substring(tilde + 1));
        if (!isTopicName(topic) || generation.isEmpty()) {
            return Optional.empty();
        }
        var parsed = new TopicDirectory(topic, generation.getAsLong());
        return parsed.toString().equals(directory) ? Optional.of(parsed) : Optional.empty();
    }

    /** Whether Kafka allows a topic of that name (ASCII letters, digits, {@code . _ -}; not {@code .} or {@code ..}). */
    public static boolean isTopicName(String name) {
        if (name.isEmpty() || name.length() > MAX_TOPIC_LENGTH || name.equals(".") || name.equals("..")) {
            return false;
        }
        return name.chars().allMatch(TopicDirectory::isTopicCharacter);
    }

    private static boolean isTopicCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /** The directory name as it appears in object keys. */
    @Override
    public String toString() {
        boolean bare = generation == 0 && topic.charAt(0) != '.';
        return bare ? topic : topic + "~" + generation;
    }
}
