package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.Progress;
import io.kafscale.app.cli.UsageException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kafscale produce}. */
@Command(
        name = "produce",
        description = "Send each line of standard input as a record.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  echo hello | kafscale produce orders",
            "  kafscale produce orders --key-separator : < orders.txt",
            "  kafscale produce orders --partition 0 --header source=test --property compression.type=zstd < orders.txt"
        })
public final class ProduceCommand implements Callable<Integer> {
    private static final String MAX_BLOCK_MS = "15000";
    private static final String LINGER_MS = "20";

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "TOPIC", description = "Where the records go.")
    private String topic;

    @Option(
            names = "--key-separator",
            paramLabel = "TEXT",
            description = "Lines are key and value, separated by this. Default: no keys.")
    private Optional<String> keySeparator = Optional.empty();

    @Option(names = "--partition", paramLabel = "N", description = "Send all records to this partition.")
    private Optional<Integer> partition = Optional.empty();

    @Option(names = "--header", paramLabel = "KEY=VALUE", description = "A header of every record; may be repeated.")
    private Map<String, String> headers = new LinkedHashMap<>();

    @Override
    public Integer call() {
        var properties = client.with(Map.of(
                ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MS,
                ProducerConfig.LINGER_MS_CONFIG, LINGER_MS));
        var serializer = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(properties, serializer, serializer)) {
            if (partition.isPresent()) {
                requirePartition(partition.get(), producer.partitionsFor(topic).size());
            }
            var lines = new LineProducer(producer, new RecordTemplate(topic, partition, keySeparator, headers));
            var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
            output.print(sendAll(lines, input), ProduceCommand::print);
        }
        return 0;
    }

    /** Kafka's producer would wait until it times out, in case that the topic grows. */
    private void requirePartition(int number, int count) {
        if (number < 0 || number >= count) {
            throw UsageException.of(
                    client.command(), topic + " has no partition " + number + ", only 0 to " + (count - 1) + ".");
        }
    }

    private LineProducer.Summary sendAll(LineProducer lines, BufferedReader input) {
        if (Progress.isTerminal()) { // somebody types: whatever is displayed would get in the way
            return lines.sendAll(input);
        }
        Supplier<String> activity = () -> Topics.count(lines.acknowledged(), "record") + " acknowledged";
        try (var _ = Progress.of(client.command().commandLine().getErr(), activity)) {
            return lines.sendAll(input);
        }
    }

    private static void print(LineProducer.Summary summary, PrintWriter out) {
        out.println(Topics.count(summary.records(), "record") + " to " + summary.topic());
        summary.partitions()
                .forEach((number, offsets) -> out.println(
                        "  partition " + number + ": offsets " + offsets.first() + " to " + offsets.last()));
    }
}
