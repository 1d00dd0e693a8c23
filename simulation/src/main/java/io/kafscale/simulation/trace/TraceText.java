package io.kafscale.simulation.trace;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A trace as people read it: partitions have their topic's name instead of its id, keys are short, what went wrong on purpose is
 * marked with an exclamation mark and what the broker logged with a bar. Immutable.
 */
public final class TraceText {
    private static final Pattern TOPIC = Pattern.compile("\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
    private static final Pattern WAL_KEY = Pattern.compile("\\S*\\.wal/([-0-9]+)/0*(\\d+)\\.wal");
    private static final Pattern SEGMENT_KEY = Pattern.compile("\\w+/(\\S+/\\d+)/segment-0*(\\d+)\\.(kfs|index)");
    private static final Pattern PART_OF_PLAN = Pattern.compile("(?:, )?\\b(\\w+)=\\w+\\[");

    private final Map<String, String> topics;

    /**
     * The text of traces of one history.
     *
     * @param topics names by topic id
     */
    public TraceText(Map<String, String> topics) {
        this.topics = Map.copyOf(topics);
    }

    /** Each event as a line, or a few. */
    public List<String> of(List<TraceLine> lines) {
        return lines.stream().map(this::of).toList();
    }

    private String of(TraceLine line) {
        long micros = line.nanos() / 1000;
        char mark = switch (line.kind()) {
            case STEP -> ' ';
            case FAULT -> '!';
            case LOG -> '|';
        };
        return String.format(
                "%4d.%06d %c %-14s %s", micros / 1_000_000, micros % 1_000_000, mark, line.who(), named(line.what()));
    }

    /** A text with names for ids and short keys. */
    public String named(String text) {
        String named = TOPIC.matcher(text)
                .replaceAll(id -> topics.getOrDefault(id.group(), id.group()).replace("$", "\\$"));
        String shorter = WAL_KEY.matcher(named).replaceAll("wal $1 #$2");
        return SEGMENT_KEY.matcher(shorter).replaceAll("$1/$2.$3");
    }

    /** The settings of a history, one part in a line: what nested records print, without their brackets. */
    public static String plan(String records) {
        String inside = records.substring(records.indexOf('[') + 1);
        return PART_OF_PLAN.matcher(inside).replaceAll("\n    $1: ").replace("]", "");
    }
}
