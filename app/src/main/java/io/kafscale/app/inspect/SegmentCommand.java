package io.kafscale.app.inspect;

import io.kafscale.app.cli.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kafscale segment}: names its subcommands. */
@Command(
        name = "segment",
        description = "Look into segment files and rebuild their indexes, without a broker.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale segment inspect data/objects/default/orders/0/segment-00000000000000000000.kfs",
            "  kafscale segment inspect s3://bucket/prefix/default/orders/0/segment-00000000000000000000.kfs --batches",
            "  kafscale segment reindex data/objects/default/orders/0/segment-00000000000000000000.kfs"
        },
        subcommands = {SegmentInspectCommand.class, SegmentReindexCommand.class})
public final class SegmentCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw UsageException.missingCommand(spec);
    }
}
