package io.kafscale.app.client;

import io.kafscale.app.cli.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kafscale group}: names its subcommands. */
@Command(
        name = "group",
        description = "List and describe consumer groups, and move their offsets.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale group list",
            "  kafscale group describe billing",
            "  kafscale group reset billing --topic orders --to-time 1h --dry-run"
        },
        subcommands = {GroupListCommand.class, GroupDescribeCommand.class, GroupResetCommand.class})
public final class GroupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw UsageException.missingCommand(spec);
    }
}
