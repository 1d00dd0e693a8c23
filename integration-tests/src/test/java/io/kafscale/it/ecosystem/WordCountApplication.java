package io.kafscale.it.ecosystem;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.client.Clients;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.Directories;
import io.kafscale.it.process.JavaProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A Kafka Streams application, which can be stopped and started again without anything that it had on disk. */
final class WordCountApplication {
    static final int PARTITIONS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final JavaProgram PROGRAM =
            FrameworkProcess.program("kafka-streams", List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));

    private final BrokerUnderTest broker;
    private final String id = Clients.unique("word-count");
    private final String input;
    private final String counts;
    private final String dailyCounts;

    WordCountApplication(BrokerUnderTest broker, Clients clients) {
        this.broker = broker;
        this.input = clients.topic(PARTITIONS);
        this.counts = clients.topic(PARTITIONS);
        this.dailyCounts = clients.topic(PARTITIONS);
    }

    /** The topic of lines. */
    String input() {
        return input;
    }

    /** The topic of counts by word. */
    String counts() {
        return counts;
    }

    /** The topic of counts by word and day. */
    String dailyCounts() {
        return dailyCounts;
    }

    /** The topic, with this suffix, that Kafka Streams has created for itself. */
    String internalTopic(String suffix) {
        return id + "-" + suffix;
    }

    /** Starts an instance whose state directory is empty, and waits until it runs. */
    Instance start() {
        return new Instance();
    }

    /** A running instance. */
    final class Instance implements AutoCloseable {
        private final Path state = Directories.newData("streams");
        private final FrameworkProcess framework = FrameworkProcess.start(
                PROGRAM,
                "io.kafscale.programs.streams.WordCount",
                List.of(broker.bootstrapServers(), id, state.toString(), input, counts, dailyCounts));
        private final ChildProcess process = framework.process();

        private Instance() {
            process.output().awaitLine("its word that it runs", PATIENCE, line -> line.equals("state RUNNING"));
        }

        /** How many records it restored from the changelogs of {@code store} before it ran. */
        long restored(String store) {
            return process.output().lines().stream()
                    .filter(line -> line.startsWith("restored " + store + " "))
                    .mapToLong(line -> Long.parseLong(line.split(" ")[3]))
                    .sum();
        }

        /** Stops it as its user would. */
        void stop() {
            process.endInput().awaitSuccess(PATIENCE);
        }

        /** Kills it if it still runs, and deletes what it had on disk. */
        @Override
        public void close() {
            framework.close();
            Directories.delete(state);
        }
    }
}
