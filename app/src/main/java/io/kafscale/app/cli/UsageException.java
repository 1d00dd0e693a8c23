package io.kafscale.app.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options that picocli accepted one by one but that make no sense together: exit code 2. Made on the main thread. */
public final class UsageException {
    private UsageException() {}

    /** Options that contradict each other, or one that is missing. */
    public static ParameterException of(CommandSpec spec, String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** A command that only has subcommands was run without one. */
    public static ParameterException missingCommand(CommandSpec spec) {
        return of(
                spec,
                "Missing command: name one of "
                        + String.join(", ", spec.subcommands().keySet()) + ".");
    }
}
