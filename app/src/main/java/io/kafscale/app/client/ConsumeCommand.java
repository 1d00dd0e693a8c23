package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.StopSignal;
import io.kafscale.app.cli.UsageException;
import io.kafscale.app.settings.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Time;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code kafscale consume}. */
@Command(
        name = "consume",
        description = "Print the records of a topic, new ones unless told otherwise.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale consume orders --from-beginning --max-messages 10",
            "  kafscale consume orders --time 1h --timeout 5s --output json",
            "  kafscale consume orders --partition 0 --offset 1200 --key-separator :",
            "  kafscale consume orders --group billing --from-beginning"
        })
public final class ConsumeCommand implements Callable<Integer> {
    private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(5);

    /** Where to start; one of them. */
    static final class Start {
        @Option(
                names = "--from-beginning",
                description = "Start at the oldest record; with --group where the group has no committed offset.")
        private boolean beginning;

        @Option(names = "--offset", paramLabel = "N", description = "Start at this offset, or the nearest there is.")
        private Optional<Long> offset = Optional.empty();

        @Option(
                names = "--time",
                paramLabel = "TIME",
                converter = PointInTime.Converter.class,
                description =
                        "Start at the first record of this time or later: 2026-11-21T10:00:00Z, milliseconds since the"
                                + " epoch, or how long ago, as in 1h.")
        private Optional<PointInTime> time = Optional.empty();
    }

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "TOPIC", description = "What to read.")
    private String topic;

    @ArgGroup(exclusive = true)
    private Start start = new Start();

    @Option(names = "--partition", paramLabel = "N", description = "Read this partition only.")
    private Optional<Integer> partition = Optional.empty();

    @Option(
            names = "--group",
            paramLabel = "GROUP",
            description =
                    "Consume as a member of this group, from its committed offsets on, and commit what was printed.")
    private Optional<String> group = Optional.empty();

    @Option(names = "--max-messages", paramLabel = "N", description = "Stop after this many records, at least 1.")
    private Optional<Long> maxMessages = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Stop when no record came for this long; a failure if --max-messages was not reached.")
    private Optional<Duration> timeout = Optional.empty();

    @Option(names = "--key-separator", paramLabel = "TEXT", description = "Print keys too, separated by this.")
    private Optional<String> keySeparator = Optional.empty();

    @Override
    public Integer call() {
        if (group.isPresent() && (partition.isPresent() || start.offset.isPresent() || start.time.isPresent())) {
            throw UsageException.of(
                    client.command(),
                    "A group has its own offsets and partitions: leave --partition, --offset and --time out, or use"
                            + " 'kafscale group reset'.");
        }
        if (start.offset.orElse(0L) < 0 || maxMessages.orElse(1L) < 1) {
            throw UsageException.of(client.command(), "--offset is at least 0, and --max-messages at least 1.");
        }
        var bytes = new ByteArrayDeserializer();
        var stopping = new AtomicReference<Runnable>(() -> {});
        try (var _ = new StopSignal(LEAVE_TIMEOUT, () -> stopping.get().run());
                var consumer = new KafkaConsumer<>(client.with(properties()), bytes, bytes)) {
            stopping.set(consumer::wakeup);
            return consume(consumer);
        }
    }

    private Map<String, String> properties() {
        var properties = new HashMap<String, String>();
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, start.beginning ? "earliest" : "latest");
        group.ifPresent(name -> properties.put(ConsumerConfig.GROUP_ID_CONFIG, name));
        return properties;
    }

    private int consume(Consumer<byte[], byte[]> consumer) {
        var printer = new RecordPrinter(System.out, output.format(), keySeparator);
        var loop = new ConsumeLoop(consumer, printer::print, group.isPresent());
        List<PartitionInfo> infos = consumer.partitionsFor(topic);
        if (infos.isEmpty()) {
            throw Topics.unknown(topic, null);
        }
        if (group.isPresent()) {
            consumer.subscribe(List.of(topic), loop);
        } else {
            consumer.assign(partitions(infos));
            seek(consumer);
        }
        var limits = new ConsumeLoop.Limits(maxMessages.map(OptionalLong::of).orElse(OptionalLong.empty()), timeout);
        var ending = loop.run(limits, Time.SYSTEM);
        var err = client.command().commandLine().getErr();
        err.println(Topics.count(loop.count(), "record"));
        err.flush();
        return ending == ConsumeLoop.Ending.IDLE && maxMessages.isPresent() ? 1 : 0;
    }

    private List<TopicPartition> partitions(List<PartitionInfo> infos) {
        var wanted = new TopicPartitions(topic, partition.stream().toList())
                .among(infos.stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList());
        if (wanted.isEmpty()) {
            throw UsageException.of(
                    client.command(),
                    topic + " has no partition " + partition.orElse(-1) + ", only 0 to " + (infos.size() - 1) + ".");
        }
        return wanted;
    }

    private void seek(Consumer<byte[], byte[]> consumer) {
        var partitions = consumer.assignment();
        if (start.beginning) {
            consumer.seekToBeginning(partitions);
        } else if (start.offset.isPresent()) {
            var first = consumer.beginningOffsets(partitions);
            var end = consumer.endOffsets(partitions);
            partitions.forEach(each -> consumer.seek(
                    each, Math.clamp(start.offset.get(), first.getOrDefault(each, 0L), end.getOrDefault(each, 0L))));
        } else if (start.time.isPresent()) {
            seekToTime(consumer, start.time.get().epochMs());
        } else {
            consumer.seekToEnd(partitions);
        }
    }

    private static void seekToTime(Consumer<byte[], byte[]> consumer, long epochMs) {
        var times = new HashMap<TopicPartition, Long>();
        consumer.assignment().forEach(partition -> times.put(partition, epochMs));
        consumer.offsetsForTimes(times).forEach((partition, found) -> {
            if (found == null) {
                consumer.seekToEnd(List.of(partition));
            } else {
                consumer.seek(partition, found.offset());
            }
        });
    }

    /** Teaches picocli our durations. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return Durations.parse(text);
            } catch (IllegalArgumentException malformed) {
                throw new TypeConversionException("'" + text + "' " + malformed.getMessage());
            }
        }
    }
}
