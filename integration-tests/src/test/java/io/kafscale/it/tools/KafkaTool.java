package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.process.CapturedOutput;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.JavaProgram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The command-line tools of Apache Kafka, as processes. */
enum KafkaTool {
    TOPICS("org.apache.kafka.tools.TopicCommand"),
    CONFIGS("kafka.admin.ConfigCommand"),
    CONSOLE_PRODUCER("org.apache.kafka.tools.ConsoleProducer"),
    CONSOLE_CONSUMER("org.apache.kafka.tools.consumer.ConsoleConsumer"),
    CONSUMER_GROUPS("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
    GET_OFFSETS("org.apache.kafka.tools.GetOffsetShell"),
    DELETE_RECORDS("org.apache.kafka.tools.DeleteRecordsCommand"),
    VERIFIABLE_PRODUCER("org.apache.kafka.tools.VerifiableProducer"),
    VERIFIABLE_CONSUMER("org.apache.kafka.tools.VerifiableConsumer"),
    PRODUCER_PERFORMANCE("org.apache.kafka.tools.ProducerPerformance"),
    CONSUMER_PERFORMANCE("org.apache.kafka.tools.ConsumerPerformance"),
    REASSIGN_PARTITIONS("org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
    LOG_DIRS("org.apache.kafka.tools.LogDirsCommand"),
    GROUPS("org.apache.kafka.tools.GroupsCommand"),
    API_VERSIONS("org.apache.kafka.tools.BrokerApiVersionsCommand");

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";

    private final String mainClass;

    KafkaTool(String mainClass) {
        this.mainClass = mainClass;
    }

    /** Starts it with {@code --bootstrap-server} and these arguments. */
    ChildProcess start(BrokerUnderTest broker, String... arguments) {
        var all = new ArrayList<>(List.of("--bootstrap-server", broker.bootstrapServers()));
        all.addAll(List.of(arguments));
        String name = name().toLowerCase(Locale.ROOT);
        return ChildProcess.start(
                name, JavaProgram.shortLived("kafka").with(QUIET).command(mainClass, all));
    }

    /** Runs it to its successful end and returns what it printed. */
    CapturedOutput run(BrokerUnderTest broker, String... arguments) {
        try (ChildProcess tool = start(broker, arguments)) {
            return tool.endInput().awaitSuccess(PATIENCE).output();
        }
    }

    /** Runs it to its end, with these lines as its input, and returns what it printed. */
    CapturedOutput runWithInput(List<String> input, BrokerUnderTest broker, String... arguments) {
        try (ChildProcess tool = start(broker, arguments)) {
            return tool.type(input).endInput().awaitSuccess(PATIENCE).output();
        }
    }
}
