package io.kafscale.app.inspect;

import io.kafscale.app.cli.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kafscale wal}: names its subcommands. */
@Command(
        name = "wal",
        description = "Look into objects of the write-ahead log, without a broker.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale wal inspect data/objects/default/.wal/1-4/00000000000000000007.wal",
            "  kafscale wal inspect s3://bucket/prefix/default/.wal/1-4/00000000000000000007.wal --output json"
        },
        subcommands = WalInspectCommand.class)
public final class WalCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw UsageException.missingCommand(spec);
    }
}
