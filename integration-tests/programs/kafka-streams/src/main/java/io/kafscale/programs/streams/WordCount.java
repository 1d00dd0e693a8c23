package io.kafscale.programs.streams;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * Counts words, in all and per day. Words are grouped by a new key, which takes a repartition topic; the counts per day have a
 * changelog that is compacted and deleted.
 *
 * <p>{@code WordCount BOOTSTRAP APPLICATION STATE_DIRECTORY INPUT COUNTS DAILY_COUNTS} prints {@code state NAME} and
 * {@code restored STORE RECORDS} as they happen, and leaves when its input ends.
 */
public final class WordCount {
    private static final Duration LEAVE = Duration.ofMinutes(1);

    private WordCount() {}

    /** See above. */
    public static void main(String[] arguments) throws IOException {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[2]);
        try (KafkaStreams streams = new KafkaStreams(topology(arguments[3], arguments[4], arguments[5]), settings)) {
            streams.setStateListener((state, before) -> say("state " + state));
            streams.setGlobalStateRestoreListener(new Restorations());
            streams.start();
            while (System.in.read() >= 0) {
                continue;
            }
            if (!streams.close(LEAVE)) {
                throw new IllegalStateException("still running after " + LEAVE);
            }
        }
        say("done");
    }

    private static Topology topology(String input, String counts, String dailyCounts) {
        StreamsBuilder builder = new StreamsBuilder();
        KGroupedStream<String, String> words = builder.stream(input, Consumed.with(Serdes.String(), Serdes.String()))
                .flatMapValues(
                        line -> Arrays.asList(line.toLowerCase(Locale.ROOT).split("\\s+")))
                .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()));
        words.count(Materialized.as("counts"))
                .toStream()
                .mapValues(String::valueOf)
                .to(counts, Produced.with(Serdes.String(), Serdes.String()));
        words.windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofDays(1)))
                .count(Materialized.as("daily-counts"))
                .toStream(
                        (window, count) -> window.key() + "@" + window.window().start())
                .mapValues(String::valueOf)
                .to(dailyCounts, Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    static synchronized void say(String line) {
        System.out.println(line);
    }
}
