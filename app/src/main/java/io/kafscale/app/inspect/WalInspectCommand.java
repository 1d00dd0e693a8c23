package io.kafscale.app.inspect;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kafscale wal inspect}. */
@Command(
        name = "inspect",
        description = "Print what is in a WAL object, and whether it is intact. Exit code 1 if it is not.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale wal inspect data/objects/default/.wal/1-4/00000000000000000007.wal",
            "  kafscale wal inspect s3://bucket/prefix/default/.wal/1-4/00000000000000000007.wal --output json"
        })
final class WalInspectCommand implements Callable<Integer> {
    @Mixin
    private ObjectArgument argument;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        return argument.with(named -> {
            var report = WalReport.of(named.name(), argument.require(named));
            output.print(report, WalInspectCommand::print);
            return report.damage().isEmpty() ? 0 : 1;
        });
    }

    private static void print(WalReport report, PrintWriter out) {
        out.println("WAL object " + report.object() + ", " + report.bytes() + " bytes");
        var header = report.header();
        if (header != null) {
            out.println("  " + header.kind() + ", stream " + header.stream() + ", sequence " + header.sequence()
                    + ", nonce " + header.nonce());
            out.println("  trim position " + header.trimPosition() + ", commit position " + header.commitPosition());
        }
        var genesis = report.genesis();
        if (genesis != null) {
            out.println("  cluster " + genesis.clusterId() + ", metadata revision " + genesis.metadataRevision());
        }
        if (report.sealer() != null) {
            out.println("  sealed by " + report.sealer());
        }
        if (!report.chunks().isEmpty()) {
            printChunks(report, out);
        }
        report.damage().forEach(problem -> out.println("DAMAGED: " + problem));
        if (report.damage().isEmpty()) {
            out.println("Intact.");
        }
    }

    private static void printChunks(WalReport report, PrintWriter out) {
        out.println("  " + report.chunks().size() + " chunks; repeats the directories of " + report.consolidated()
                + " objects before");
        var table = new TextTable(
                "  TOPIC", "PARTITION", "EPOCH", "POSITION", "BYTES", "OFFSETS", "BATCHES", "RECORDS", "CRC");
        report.chunks()
                .forEach(chunk -> table.row(
                        "  " + chunk.topic(),
                        chunk.partition(),
                        chunk.leaderEpoch(),
                        chunk.position(),
                        chunk.bytes(),
                        chunk.baseOffset() + ".." + chunk.lastOffset(),
                        chunk.batches(),
                        chunk.records(),
                        chunk.crcMatches() ? "ok" : "WRONG"));
        table.print(out);
    }
}
