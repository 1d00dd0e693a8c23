package io.kafscale.app.maintenance;

import io.kafscale.app.cli.TextTable;
import io.kafscale.log.recover.RecoveryNote;
import io.kafscale.log.recover.RecoveryPlan;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.metastore.cluster.TopicRecord;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What {@code recover} prints. Immutable; main thread.
 *
 * @param stores what was recovered
 * @param done whether it was done, or only planned
 * @param metadata what there was: empty or old
 */
record RecoverView(
        String stores,
        boolean done,
        String clusterId,
        int restoreGeneration,
        String metadata,
        boolean damaged,
        List<TopicView> topics,
        List<NoteView> notes) {

    /** A topic there is from then on. */
    record TopicView(String name, UUID id, String directory, List<PartitionView> partitions) {}

    /** A partition; offsets below {@code segmentEnd} are in segments, those up to {@code end} in the write-ahead log. */
    record PartitionView(int partition, long logStart, long segmentEnd, long end) {}

    /** Something to know. */
    record NoteView(String kind, String subject, String text) {}

    RecoverView(String stores, boolean done, RecoveryPlan plan) {
        this(
                stores,
                done,
                plan.cluster().clusterId(),
                plan.cluster().restoreGeneration(),
                plan.overEmptyMetadata() ? "empty" : "old",
                plan.hasDamage(),
                topics(plan),
                plan.notes().stream().map(RecoverView::note).toList());
    }

    private static NoteView note(RecoveryNote note) {
        return new NoteView(note.kind().name().toLowerCase(Locale.ROOT), note.subject(), note.text());
    }

    private static List<TopicView> topics(RecoveryPlan plan) {
        Map<UUID, List<PartitionRecord>> byTopic =
                plan.partitions().stream().collect(Collectors.groupingBy(PartitionRecord::topicId));
        return plan.topics().stream()
                .map(topic -> topic(topic, byTopic.getOrDefault(topic.id(), List.of())))
                .toList();
    }

    private static TopicView topic(TopicRecord topic, List<PartitionRecord> partitions) {
        return new TopicView(
                topic.name(),
                topic.id(),
                topic.directory(),
                partitions.stream().map(RecoverView::partition).toList());
    }

    private static PartitionView partition(PartitionRecord record) {
        long end = record.tenures().isEmpty()
                ? record.coveredOffset()
                : record.tenures().getLast().endOffset();
        return new PartitionView(
                record.partition(), record.logStartOffset(), record.segmentEndOffset(), end == Tenure.OPEN ? -1 : end);
    }

    void print(PrintWriter out) {
        out.println((done ? "Recovered " : "Would recover ") + stores);
        out.println(
                "  cluster " + clusterId + ", restore generation " + restoreGeneration + ", metadata was " + metadata);
        out.println();
        var table = new TextTable("TOPIC", "PARTITION", "LOG START", "SEGMENTS TO", "LOG END");
        for (TopicView topic : topics) {
            for (PartitionView partition : topic.partitions()) {
                table.row(
                        topic.name(),
                        partition.partition(),
                        partition.logStart(),
                        partition.segmentEnd(),
                        partition.end());
            }
        }
        table.print(out);
        out.println();
        for (NoteView note : notes) {
            out.println(note.kind().toUpperCase(Locale.ROOT) + " " + note.subject() + ": " + note.text());
        }
        out.println();
        if (done) {
            out.println("Start the brokers. 'kafscale fsck' tells whether everything is as it should be.");
        } else {
            out.println("Nothing was changed. --yes does it"
                    + (damaged ? "; with damage it takes --despite-damage too." : "."));
        }
    }
}
