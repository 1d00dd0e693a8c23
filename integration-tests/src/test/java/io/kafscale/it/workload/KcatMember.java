package io.kafscale.it.workload;

import io.kafscale.it.client.Observed;
import io.kafscale.it.process.ChildProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** kcat, librdkafka's consumer, as the only member of a group. Thread-safe. */
public final class KcatMember implements AutoCloseable {
    private static final Pattern RECORD = Pattern.compile("record (\\d+) (\\d+)");
    private static final Pattern ASSIGNED = Pattern.compile("rebalanced \\(memberid .*\\): assigned: ");
    private static final Duration FAREWELL = Duration.ofSeconds(30);

    private final ChildProcess process;
    private final Observed observed = new Observed();
    private final Map<Integer, Long> positions = new HashMap<>();
    private final List<String> failures = new ArrayList<>();
    private int assignments;

    private KcatMember(ChildProcess process) {
        this.process = process;
    }

    /** Joins {@code group}, to read the topic from its beginning. */
    public static KcatMember start(String bootstrapServers, String group, TestTopic topic) {
        // Unbuffered; the shell puts what kcat says about rebalances, on its standard error, between what it prints.
        var words = List.of(
                "sh",
                "-c",
                "exec kcat \"$@\" 2>&1",
                "kcat",
                "-E",
                "-u",
                "-b",
                bootstrapServers,
                "-X",
                "auto.offset.reset=earliest",
                "-f",
                "record %p %o\\n",
                "-G",
                group,
                topic.name());
        var member = new KcatMember(ChildProcess.start("kcat-member", words));
        member.process.output().onLine(line -> member.observed.change(() -> member.note(line)));
        return member;
    }

    private void note(String line) {
        Matcher record = RECORD.matcher(line);
        if (record.matches()) {
            received(Integer.parseInt(record.group(1)), Long.parseLong(record.group(2)));
        } else if (ASSIGNED.matcher(line).find()) {
            assignments++;
        }
    }

    private void received(int partition, long offset) {
        long expected = positions.getOrDefault(partition, 0L);
        if (offset != expected) {
            failures.add("partition " + partition + ": " + offset + " instead of " + expected);
        }
        positions.put(partition, offset + 1);
    }

    /** Waits until it has read up to {@code end} of a partition. */
    public void awaitPosition(int partition, long end) {
        observed.await(
                "kcat has read " + end + " of partition " + partition,
                () -> positions.getOrDefault(partition, 0L) >= end);
    }

    /** Gaps and steps back, of which there must be none. */
    public List<String> failures() {
        return observed.read(() -> List.copyOf(failures));
    }

    /** How often it was given partitions. */
    public int assignments() {
        return observed.read(() -> assignments);
    }

    /** Leaves the group. */
    @Override
    public void close() {
        try (process) {
            process.terminate(FAREWELL);
        }
    }
}
