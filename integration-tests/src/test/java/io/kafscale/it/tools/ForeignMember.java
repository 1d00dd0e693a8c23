package io.kafscale.it.tools;

import io.kafscale.it.process.ChildProcess;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** A member of a group, as a process that says what it is assigned and what it receives. */
final class ForeignMember implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final ChildProcess process;
    private final Function<String, Stream<Integer>> assignment;
    private final Runnable farewell;

    /**
     * A member that runs as {@code process}.
     *
     * @param assignment how many partitions a line of output or errors says that it has, if it says that
     * @param farewell makes it leave the group and end
     */
    ForeignMember(ChildProcess process, Function<String, Stream<Integer>> assignment, Runnable farewell) {
        this.process = process;
        this.assignment = assignment;
        this.farewell = farewell;
    }

    /** Waits until it has been assigned {@code partitions} partitions, {@code times} times. */
    void awaitAssignment(int partitions, int times) {
        process.output()
                .awaitLines(times, PATIENCE, line -> assignment.apply(line).anyMatch(had -> had == partitions));
    }

    /** Waits for {@code count} records. */
    void awaitRecords(int count) {
        process.output().awaitLines(count, PATIENCE, ForeignMember::isRecord);
    }

    /** What it has received, as {@code record partition offset value}. */
    List<String> records() {
        return process.output().lines().stream().filter(ForeignMember::isRecord).toList();
    }

    private static boolean isRecord(String line) {
        return line.startsWith("record ");
    }

    /** Leaves the group. */
    @Override
    public void close() {
        try (process) {
            farewell.run();
            process.awaitSuccess(PATIENCE);
        }
    }
}
