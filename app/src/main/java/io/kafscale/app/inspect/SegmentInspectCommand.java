package io.kafscale.app.inspect;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kafscale segment inspect}. */
@Command(
        name = "inspect",
        description =
                "Print what is in a segment and its index, and whether both are intact. Exit code 1 if they are not.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale segment inspect data/objects/default/orders/0/segment-00000000000000000000.kfs",
            "  kafscale segment inspect s3://bucket/default/orders/0/segment-00000000000000000000.kfs --output json"
        })
final class SegmentInspectCommand implements Callable<Integer> {
    static final String DATA_SUFFIX = ".kfs";
    static final String INDEX_SUFFIX = ".index";

    @Mixin
    private ObjectArgument argument;

    @Mixin
    private OutputOption output;

    @Option(names = "--batches", description = "As text, print every batch too.")
    private boolean batches;

    @Option(names = "--entries", description = "As text, print every index entry too.")
    private boolean entries;

    @Override
    public Integer call() {
        return argument.with(named -> {
            var segment = named.sibling(stem(named) + DATA_SUFFIX);
            var index = named.sibling(stem(named) + INDEX_SUFFIX);
            var kfs = argument.require(segment);
            var report = SegmentReport.of(segment, kfs, index, argument.read(index));
            output.print(report, this::print);
            return report.damage().isEmpty() ? 0 : 1;
        });
    }

    /** The file name that a segment's two files share, without suffix. */
    static String stem(StoredObject named) {
        String name = named.fileName();
        for (String suffix : new String[] {DATA_SUFFIX, INDEX_SUFFIX}) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        throw new CommandException(named.name() + " is no segment: its name ends in neither .kfs nor .index.");
    }

    private void print(SegmentReport report, PrintWriter out) {
        out.println("Segment " + report.object() + ", " + report.bytes() + " bytes");
        var header = report.header();
        var footer = report.footer();
        if (header != null) {
            out.println("  from offset " + header.baseOffset() + (footer == null ? "" : " to " + footer.lastOffset())
                    + ", " + header.records() + " records, created " + time(header.createdMs()));
        }
        if (footer != null) {
            out.println("  body CRC-32C " + footer.storedCrc()
                    + (footer.storedCrc().equals(footer.computedCrc())
                            ? ", matches"
                            : ", but the bytes have " + footer.computedCrc()));
        }
        printBatches(report, out);
        printIndex(report.index(), out);
        report.damage().forEach(problem -> out.println("DAMAGED: " + problem));
        if (report.damage().isEmpty()) {
            out.println("Intact.");
        }
    }

    private void printBatches(SegmentReport report, PrintWriter out) {
        Map<String, Long> codecs = report.batches().stream()
                .collect(Collectors.groupingBy(BatchView::compression, TreeMap::new, Collectors.counting()));
        out.println("  " + report.batches().size() + " batches, compression " + codecs);
        if (batches) {
            var table = new TextTable(
                    "  POSITION", "BYTES", "OFFSETS", "RECORDS", "EPOCH", "CODEC", "MAX TIME", "PRODUCER", "CRC");
            report.batches()
                    .forEach(batch -> table.row(
                            "  " + batch.position(),
                            batch.bytes(),
                            batch.baseOffset() + ".." + batch.lastOffset(),
                            batch.records(),
                            batch.leaderEpoch(),
                            batch.compression(),
                            time(batch.maxTimestampMs()),
                            producer(batch),
                            batch.crcMatches() ? "ok" : "WRONG"));
            table.print(out);
        }
    }

    private void printIndex(SegmentReport.@org.jspecify.annotations.Nullable Index index, PrintWriter out) {
        if (index == null) {
            return;
        }
        out.println("Index " + index.object() + ", " + index.bytes() + " bytes: " + index.verdict());
        out.println("  " + index.entries().size() + " entries, one every " + index.intervalRecords() + " records");
        var extension = index.extension();
        if (extension != null) {
            out.println("  topic id " + extension.topicId() + ", partition " + extension.partition()
                    + ", max timestamp " + time(extension.maxTimestampMs()));
            out.println("  " + extension.times() + " times, " + extension.epochs() + " leader epochs, "
                    + extension.producers() + " producers ("
                    + (extension.producersComplete() ? "complete" : "of this segment only") + ")");
        }
        if (entries) {
            var table = new TextTable("  OFFSET", "POSITION");
            index.entries().forEach(entry -> table.row("  " + entry.offset(), entry.position()));
            table.print(out);
        }
    }

    private static String producer(BatchView batch) {
        return batch.producerId() < 0
                ? "-"
                : batch.producerId() + "/" + batch.producerEpoch() + "/" + batch.baseSequence();
    }

    static String time(long epochMs) {
        return epochMs < 0 ? "none" : Instant.ofEpochMilli(epochMs).toString();
    }
}
