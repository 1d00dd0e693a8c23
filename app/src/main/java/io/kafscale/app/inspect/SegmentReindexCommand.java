package io.kafscale.app.inspect;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentIndex;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kafscale segment reindex}. */
@Command(
        name = "reindex",
        description = "Rebuild the index of a segment from its .kfs file, and replace the one that is there.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale segment reindex data/objects/default/orders/0/segment-00000000000000000000.kfs",
            "  kafscale segment reindex s3://bucket/default/orders/0/segment-00000000000000000000.kfs --force"
        })
final class SegmentReindexCommand implements Callable<Integer> {
    /** An entry for about every so many bytes, as brokers write them. */
    private static final long ENTRY_DISTANCE_BYTES = 64 << 10;

    @Mixin
    private ObjectArgument argument;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--interval",
            paramLabel = "N",
            description =
                    "Fewest records between two entries. Default: as in the old index, else so that there is one for about"
                            + " every 64 KiB.")
    private Optional<Integer> interval = Optional.empty();

    @Option(
            names = "--topic-id",
            paramLabel = "UUID",
            description = "The topic's id, where neither the old index nor that of the segment before knows it.")
    private Optional<UUID> topicId = Optional.empty();

    @Option(names = "--force", description = "Rebuild an index that is intact, too.")
    private boolean force;

    @Override
    public Integer call() {
        return argument.with(named -> {
            var segment = named.sibling(SegmentInspectCommand.stem(named) + SegmentInspectCommand.DATA_SUFFIX);
            var index = named.sibling(SegmentInspectCommand.stem(named) + SegmentInspectCommand.INDEX_SUFFIX);
            var file = SegmentFile.parse(argument.require(segment), segment.name());
            var old = argument.read(index).flatMap(bytes -> parse(bytes, index));
            var rebuild = new IndexRebuild(index, file, old, topicId);
            if (rebuild.isNeedless() && !force) {
                argument.say(index.name() + " is intact and matches its segment: nothing to do (--force rebuilds it).");
                return 0;
            }
            int records = interval.orElse(old.map(SegmentIndex::intervalRecords).orElseGet(() -> usualInterval(file)));
            output.print(rebuild.run(records), SegmentReindexCommand::print);
            return 0;
        });
    }

    private static int usualInterval(SegmentFile file) {
        return (int) Math.max(1, file.header().recordCount() * ENTRY_DISTANCE_BYTES / file.length());
    }

    private static Optional<SegmentIndex> parse(ByteBuffer bytes, StoredObject index) {
        try {
            return Optional.of(SegmentIndex.parse(bytes, index.name()));
        } catch (CorruptObjectException damaged) {
            return Optional.empty(); // which is why it is rebuilt
        }
    }

    private static void print(IndexRebuild.Result result, PrintWriter out) {
        out.println("Rebuilt " + result.index() + ": " + result.entries() + " entries, " + result.bytes() + " bytes.");
        if (!result.extension()) {
            out.println(
                    "The topic's id is not known, so it has no extension: a broker builds that when it next reads the"
                            + " segment. --topic-id names it.");
        } else if (!result.producersComplete()) {
            out.println(
                    "Of idempotent producers it knows those that wrote to this segment: there is no intact index of the"
                            + " segment before.");
        }
    }
}
