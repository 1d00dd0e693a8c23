package io.kafscale.it.workload;

import io.kafscale.it.history.Event;
import io.kafscale.it.history.History;
import io.kafscale.it.history.Source;
import io.kafscale.it.process.ChildProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * kcat, librdkafka's producer, idempotent, which sends numbered records to one partition. It reports deliveries in the order in which
 * it was given the records.
 */
public final class KcatProducer implements AutoCloseable {
    private static final Pattern DELIVERED =
            Pattern.compile("% Message delivered to partition (\\d+) \\(offset (\\d+)\\)");
    private static final Duration LAST_SENDS = Duration.ofSeconds(60);

    private final Source source;
    private final int recordsPerTick;
    private final History history;
    private final ChildProcess process;
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();
    private long next;
    private long delivered;

    private KcatProducer(Source source, Load load, History history, ChildProcess process) {
        this.source = source;
        this.recordsPerTick = load.recordsPerTick();
        this.history = history;
        this.process = process;
    }

    /** Starts the stream. */
    public static KcatProducer start(
            String bootstrapServers, String name, TestTopic topic, int partition, Load load, History history) {
        var words = List.of(
                "kcat",
                "-E",
                "-P",
                "-b",
                bootstrapServers,
                "-t",
                topic.name(),
                "-p",
                Integer.toString(partition),
                "-K",
                ":",
                "-v",
                "-v",
                "-X",
                "enable.idempotence=true",
                "-X",
                "client.id=" + name);
        var producer = new KcatProducer(new Source(name, partition), load, history, ChildProcess.start(name, words));
        producer.process.errors().onLine(producer::noteLine);
        producer.ticks.scheduleAtFixedRate(producer::tick, 0, Load.TICK.toMillis(), TimeUnit.MILLISECONDS);
        return producer;
    }

    private void tick() {
        var lines = new ArrayList<String>();
        for (int i = 0; i < recordsPerTick; i++) {
            history.add(new Event.Sent(source, next));
            lines.add(source.producer() + ":" + RecordText.value(next, 0));
            next++;
        }
        process.type(lines);
    }

    /** Each report says where a record is. */
    private void noteLine(String line) {
        Matcher matcher = DELIVERED.matcher(line);
        if (matcher.find()) {
            history.add(new Event.Acked(source, delivered++, Long.parseLong(matcher.group(2))));
        } else if (line.contains("Delivery failed")) {
            history.add(new Event.Unsettled(source, delivered++, line));
        }
    }

    /** Sends nothing more. kcat looks for reports when it gets something to send, and at its end, which it comes to now. */
    public void stopSending() {
        if (!ticks.isShutdown()) {
            ticks.close();
            process.endInput();
        }
    }

    /** Ends the stream and waits until everything was delivered; fails if that does not come within a minute. */
    @Override
    public void close() {
        stopSending();
        try (process) {
            process.awaitSuccess(LAST_SENDS);
        }
    }
}
