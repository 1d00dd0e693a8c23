package io.kafscale.it.history;

import io.kafscale.it.history.Event.Acked;
import io.kafscale.it.history.Event.AckedBy;
import io.kafscale.it.history.Event.CommitAcked;
import io.kafscale.it.history.Event.Fault;
import io.kafscale.it.history.Event.LeaderSeen;
import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.ReadFrom;
import io.kafscale.it.history.Event.Sent;
import io.kafscale.it.history.Event.Unsettled;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Numbers of a history: what happened how often, and how far who is. Read under the lock of its history. */
public final class Progress {
    private record Who(String name, int partition) {}

    private final Map<Source, Long> lastAcked = new HashMap<>();
    private final Map<Integer, Long> ends = new HashMap<>();
    private final Map<Who, Long> positions = new HashMap<>();
    private final Map<Who, Long> commits = new HashMap<>();
    private final Map<Integer, LeaderSeen> leaders = new HashMap<>();
    private final Map<String, Long> readsBy = new HashMap<>();
    private final Map<Integer, Long> ackedBy = new HashMap<>();
    private final Map<String, Long> commitCounts = new HashMap<>();
    private final Map<Source, Long> open = new TreeMap<>(Comparator.comparing(Source::toString));
    private long sent;
    private long acked;
    private long unsettled;
    private long reads;
    private long faults;

    void observe(Event event) {
        switch (event) {
            case Sent next -> {
                sent++;
                open.merge(next.source(), 1L, Long::sum);
            }
            case Acked ack -> acked(ack.source(), ack.number(), ack.offset());
            case AckedBy ack -> {
                acked(ack.source(), ack.number(), ack.offset());
                ackedBy.merge(ack.broker(), 1L, Long::sum);
            }
            case Unsettled given -> {
                unsettled++;
                answered(given.source());
            }
            case ReadFrom from -> positions.put(new Who(from.reader(), from.partition()), from.offset());
            case Read read -> {
                reads++;
                readsBy.merge(read.reader(), 1L, Long::sum);
                positions.put(new Who(read.reader(), read.source().partition()), read.offset() + 1);
                ends.merge(read.source().partition(), read.offset() + 1, Math::max);
            }
            case CommitAcked commit -> {
                commits.merge(new Who(commit.group(), commit.partition()), commit.offset(), Math::max);
                commitCounts.merge(commit.group(), 1L, Long::sum);
            }
            case LeaderSeen seen ->
                leaders.merge(
                        seen.partition(),
                        seen,
                        (before, now) -> now.leaderEpoch() > before.leaderEpoch() ? now : before);
            case Fault _ -> faults++;
            default -> {}
        }
    }

    private void acked(Source source, long number, long offset) {
        acked++;
        answered(source);
        lastAcked.merge(source, number, Math::max);
        ends.merge(source.partition(), offset + 1, Math::max);
    }

    private void answered(Source source) {
        open.computeIfPresent(source, (_, count) -> count > 1 ? count - 1 : null);
    }

    /** How many records were acknowledged. */
    public long acked() {
        return acked;
    }

    /** How many records a broker acknowledged that were sent to it whoever leads. */
    public long ackedBy(int broker) {
        return ackedBy.getOrDefault(broker, 0L);
    }

    /** Who leads a partition in the newest epoch that somebody was told of; -1 if nobody was told anything. */
    public int leader(int partition) {
        LeaderSeen newest = leaders.get(partition);
        return newest == null ? -1 : newest.broker();
    }

    /** How many records were sent and are neither acknowledged nor given up. */
    public long open() {
        return sent - acked - unsettled;
    }

    /** How many records were read, by all readers together. */
    public long reads() {
        return reads;
    }

    /** How many records this reader has read. */
    public long readsBy(String reader) {
        return readsBy.getOrDefault(reader, 0L);
    }

    /** The number of the last record of {@code source} that was acknowledged, -1 if none was. */
    public long lastAcked(Source source) {
        return lastAcked.getOrDefault(source, -1L);
    }

    /** The first offset of a partition at which nothing is known to be. */
    public long end(int partition) {
        return ends.getOrDefault(partition, 0L);
    }

    /** The next offset that {@code reader} expects. */
    public long position(String reader, int partition) {
        return positions.getOrDefault(new Who(reader, partition), 0L);
    }

    /** How many offsets {@code group} has committed. */
    public long commits(String group) {
        return commitCounts.getOrDefault(group, 0L);
    }

    /** Up to where {@code group} has committed. */
    public long committed(String group, int partition) {
        return commits.getOrDefault(new Who(group, partition), 0L);
    }

    @Override
    public String toString() {
        return "%d records sent, %d acknowledged, %d given up, %d read; %d faults; not answered: %s"
                .formatted(sent, acked, unsettled, reads, faults, open);
    }
}
