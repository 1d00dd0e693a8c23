package io.kafscale.metastore.cluster;

import java.util.Optional;
import java.util.regex.Pattern;

/** Kafka's rules for topic names, worded as Kafka words them ({@code org.apache.kafka.common.internals.Topic}). Stateless. */
public final class TopicNames {
    /** The longest topic name. */
    public static final int MAX_LENGTH = 249;

    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]+");

    private TopicNames() {}

    /** What is wrong with {@code name}, if anything is. */
    public static Optional<String> problem(String name) {
        if (name.isEmpty()) {
            return Optional.of("Topic name is invalid: the empty string is not allowed");
        }
        if (name.equals(".") || name.equals("..")) {
            return Optional.of("Topic name is invalid: '" + name + "' is not allowed");
        }
        if (name.length() > MAX_LENGTH) {
            return Optional.of("Topic name is invalid: the length of '" + name
                    + "' is longer than the max allowed length " + MAX_LENGTH);
        }
        if (!LEGAL.matcher(name).matches()) {
            return Optional.of("Topic name is invalid: '" + name
                    + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'");
        }
        return Optional.empty();
    }

    /** Whether another topic could collide with {@code name}: it has a {@code .} or {@code _}. */
    public static boolean canCollide(String name) {
        return name.indexOf('.') >= 0 || name.indexOf('_') >= 0;
    }

    /** The form in which names collide: {@code .} made {@code _}. */
    public static String collapsed(String name) {
        return name.replace('.', '_');
    }
}
