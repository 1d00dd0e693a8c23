package io.kafscale.log.recover;

import io.kafscale.log.recover.FoundDirectory.Extent;
import io.kafscale.log.recover.FoundDirectory.Segments;
import io.kafscale.log.recover.FoundStream.Run;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The record of a partition, from what the bucket has of it and from the record there was, if any. Pure.
 *
 * <p>Where acknowledged records are missing, the record says of the missing offsets that streams hold them: the next leader finds that
 * they do not, and keeps the partition closed, as it does with any damage. So nothing is given out again that was there once.
 */
final class PartitionPlan {
    private final PartitionId id;
    private final String name;
    private final @Nullable PartitionRecord old;
    private final List<Extent> extents;
    private final List<Run> runs;
    private final boolean intactStreams;
    private final int epoch;
    private final List<RecoveryNote> notes = new ArrayList<>();
    private long logStart;
    private long segmentEnd;

    /** The record, nobody leading, and what is to be said of it. */
    record Result(PartitionRecord record, List<RecoveryNote> notes) {}

    /**
     * A plan.
     *
     * @param name of the partition, for people
     * @param old its record in an old copy of the metadata, or null
     * @param segments what is in segments, or null if nothing is
     * @param runs what is in streams, in any order
     * @param intactStreams whether no stream of the bucket has lost an object
     * @param leastEpoch no leader had a higher epoch that has left no trace
     */
    PartitionPlan(
            PartitionId id,
            String name,
            @Nullable PartitionRecord old,
            @Nullable Segments segments,
            List<Run> runs,
            boolean intactStreams,
            int leastEpoch) {
        this.id = id;
        this.name = name;
        this.old = old;
        this.intactStreams = intactStreams;
        this.extents = segments == null ? List.of() : segments.extents;
        this.runs = runs.stream()
                .filter(run -> run.stream().brokerEpoch() > 0)
                .sorted(Comparator.comparingInt(Run::epoch).thenComparingLong(Run::first))
                .toList();
        int greatest = Math.max(leastEpoch, old == null ? 0 : old.leaderEpoch());
        greatest = Math.max(greatest, segments == null ? 0 : segments.greatestEpoch);
        this.epoch =
                Math.max(greatest, this.runs.isEmpty() ? 0 : this.runs.getLast().epoch());
        if (segments != null) {
            segments.damage.forEach(damage -> notes.add(RecoveryNote.damage(name, damage)));
        }
    }

    Result result() {
        locateSegments();
        long covered = Math.max(logStart, segmentEnd);
        List<Run> above = runs.stream().filter(run -> run.last() >= covered).toList();
        List<Tenure> tenures = tenures(above, covered);
        return new Result(
                new PartitionRecord(id.topicId(), id.partition(), null, epoch, logStart, segmentEnd, tenures), notes);
    }

    /** Where the log starts, and how far consecutive segments go. */
    private void locateSegments() {
        long oldStart = old == null ? 0 : old.logStartOffset();
        List<Extent> readable =
                extents.stream().filter(extent -> extent.last() >= oldStart).toList();
        if (readable.isEmpty()) {
            withoutSegments(oldStart);
            return;
        }
        logStart = Math.max(oldStart, readable.getFirst().first());
        if (old != null && logStart > oldStart) {
            notes.add(RecoveryNote.lost(
                    name,
                    "its log starts at " + logStart + ", where the first segment is; it started at " + oldStart
                            + " when the metadata was copied"));
        }
        long next = logStart;
        for (Extent extent : readable) {
            if (extent.first() > next) {
                long gap = next;
                if (runs.stream().anyMatch(run -> run.first() <= gap && gap <= run.last())) {
                    break; // streams go on from here
                }
                notes.add(RecoveryNote.damage(
                        name, "offsets " + gap + ".." + (extent.first() - 1) + " are in no segment and in no stream"));
            }
            next = Math.max(next, extent.last() + 1);
        }
        segmentEnd = next;
    }

    private void withoutSegments(long oldStart) {
        if (runs.isEmpty()) {
            logStart = old == null ? 0 : knownEnd(old);
            segmentEnd = logStart;
            if (logStart > oldStart) {
                notes.add(RecoveryNote.lost(
                        name,
                        "nothing of it is in the bucket; offsets up to " + (logStart - 1)
                                + " were written: retention deleted them after the metadata was copied, or they are"
                                + " missing"));
            }
            return;
        }
        long first = startOfWal();
        logStart = Math.max(oldStart, first);
        segmentEnd = logStart;
        if (logStart > oldStart && old != null) {
            notes.add(RecoveryNote.lost(
                    name,
                    "its log starts at " + logStart + ", the first offset that is left; it started at " + oldStart
                            + " when the metadata was copied"));
        }
    }

    /**
     * Streams are trimmed up to what is in segments or below the log start. So where no segment is left and no stream has lost an
     * object, a hole between chunks is below the log start.
     */
    private long startOfWal() {
        List<Run> byOffset =
                runs.stream().sorted(Comparator.comparingLong(Run::first)).toList();
        long start = byOffset.getFirst().first();
        if (!intactStreams) {
            return start;
        }
        long next = start;
        for (Run run : byOffset) {
            start = run.first() > next ? run.first() : start;
            next = Math.max(next, run.last() + 1);
        }
        return start;
    }

    /** The offset behind the last one that the old record proves. */
    private static long knownEnd(PartitionRecord record) {
        long end = record.coveredOffset();
        for (Tenure tenure : record.tenures()) {
            end = Math.max(end, tenure.isOpen() ? tenure.startOffset() : tenure.endOffset());
        }
        return end;
    }

    private List<Tenure> tenures(List<Run> above, long covered) {
        var tenures = new ArrayList<Tenure>();
        long next = covered;
        for (Run run : above) {
            if (!tenures.isEmpty() && run.first() < next) {
                return closed(above, covered, "streams hold offsets from " + run.first() + " on twice");
            }
            if (run.first() > next) {
                missing(next, run.first() - 1);
            }
            extend(tenures, run, Math.min(run.first(), covered));
            next = run.last() + 1;
        }
        long proven = old == null ? 0 : knownEnd(old);
        if (proven > next) {
            missing(next, proven - 1);
            if (tenures.isEmpty()) {
                return unproven(covered, proven);
            }
            Tenure last = tenures.removeLast();
            tenures.add(new Tenure(last.leaderEpoch(), last.stream(), last.startOffset(), proven));
        }
        return tenures.size() <= PartitionRecord.MAX_TENURES
                ? tenures
                : closed(above, covered, "streams of more than " + PartitionRecord.MAX_TENURES + " leaders hold it");
    }

    /** The next run, as part of the last tenure if it is of the same leader. */
    private static void extend(List<Tenure> tenures, Run run, long startOfFirst) {
        var stream = new BrokerIncarnation(run.stream().brokerId(), run.stream().brokerEpoch());
        Tenure last = tenures.isEmpty() ? null : tenures.getLast();
        if (last != null && last.leaderEpoch() == run.epoch() && last.stream().equals(stream)) {
            tenures.removeLast();
            tenures.add(new Tenure(run.epoch(), stream, last.startOffset(), run.last() + 1));
            return;
        }
        if (last != null && last.endOffset() < run.first()) {
            // What is missing between two leaders is the first one's.
            tenures.removeLast();
            tenures.add(new Tenure(last.leaderEpoch(), last.stream(), last.startOffset(), run.first()));
        }
        tenures.add(new Tenure(run.epoch(), stream, last == null ? startOfFirst : run.first(), run.last() + 1));
    }

    private void missing(long from, long to) {
        notes.add(RecoveryNote.damage(
                name,
                "offsets " + from + ".." + to + " are in no segment and in no stream; the partition stays closed"));
    }

    /** One tenure over everything: the leader that takes it finds that its stream does not hold it all. */
    private List<Tenure> closed(List<Run> above, long covered, String why) {
        notes.add(RecoveryNote.damage(name, why + "; the partition stays closed"));
        Run last = above.getLast();
        long end = above.stream().mapToLong(Run::last).max().orElse(covered) + 1;
        return List.of(new Tenure(
                last.epoch(),
                new BrokerIncarnation(last.stream().brokerId(), last.stream().brokerEpoch()),
                covered,
                end));
    }

    /** Nothing is left above the segments of what the old record proves: its own last tenure says so. */
    private List<Tenure> unproven(long covered, long proven) {
        BrokerIncarnation stream =
                old == null || old.tenures().isEmpty() ? new BrokerIncarnation(0, 1) : old.tenures().getLast().stream();
        int tenureEpoch = old == null || old.tenures().isEmpty()
                ? epoch
                : old.tenures().getLast().leaderEpoch();
        return List.of(new Tenure(tenureEpoch, stream, covered, proven));
    }
}
