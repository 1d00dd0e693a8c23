package io.kafscale.it.broker;

import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.JavaProgram;
import io.kafscale.testkit.net.LoopbackPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.Uuid;

/** Apache Kafka, one node that is broker and controller. */
public final class ApacheKafkaProcess extends OneProcess {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(60);

    private final Path properties = directory().resolve("server.properties");

    private ApacheKafkaProcess() {
        super("kafka", STOP);
        writeProperties();
        format();
        launch();
        awaitReady();
    }

    /** A fresh one that answers clients. */
    public static ApacheKafkaProcess launchFresh() {
        return new ApacheKafkaProcess();
    }

    private void writeProperties() {
        int controllerPort = LoopbackPort.free();
        String text = """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                controller.listener.names=CONTROLLER
                log.dirs=%3$s
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=4
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=200
                """.formatted(port(), controllerPort, directory().resolve("log"));
        try {
            Files.writeString(properties, text);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void format() {
        List<String> arguments = List.of("format", "-t", Uuid.randomUuid().toString(), "-c", properties.toString());
        List<String> command = JavaProgram.shortLived("kafka").command("kafka.tools.StorageTool", arguments);
        try (ChildProcess tool = ChildProcess.start("kafka-format", command)) {
            tool.awaitSuccess(START);
        }
    }

    @Override
    protected ChildProcess newProcess() {
        List<String> command = JavaProgram.of("kafka", List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"))
                .command("kafka.Kafka", List.of(properties.toString()));
        return ChildProcess.start("kafka-broker", command);
    }

    @Override
    public void awaitReady() {
        process()
                .errors()
                .awaitLine("the broker's word that it is ready", START, line -> line.contains("Kafka Server started"));
    }

    @Override
    public boolean isApacheKafka() {
        return true;
    }

    @Override
    public String toString() {
        return "Apache Kafka";
    }
}
