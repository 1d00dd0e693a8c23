package io.kafscale.app.client;

import io.kafscale.app.cli.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kafscale topic}: names its subcommands. */
@Command(
        name = "topic",
        description = "Create, list, describe, alter and delete topics.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale topic create orders --partitions 6 --config retention.ms=86400000",
            "  kafscale topic list",
            "  kafscale topic describe orders --output json",
            "  kafscale topic alter orders --partitions 12 --config segment.bytes=16777216",
            "  kafscale topic delete orders"
        },
        subcommands = {
            TopicCreateCommand.class,
            TopicListCommand.class,
            TopicDescribeCommand.class,
            TopicAlterCommand.class,
            TopicDeleteCommand.class
        })
public final class TopicCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw UsageException.missingCommand(spec);
    }
}
