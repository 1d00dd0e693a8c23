package io.kafscale.app.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kafscale completion}: a script that teaches bash or zsh our commands and options. */
@Command(
        name = "completion",
        description = "Print a completion script for bash and zsh.",
        footerHeading = "%nExamples:%n",
        footer = {"  source <(kafscale completion)", "  kafscale completion > /etc/bash_completion.d/kafscale"})
public final class CompletionCommand implements Callable<Integer> {
    /** Where it has nothing to offer, picocli's script forbids the shell to offer names of files, which we take in places. */
    private static final String NO_FILES = "  type compopt &>/dev/null && compopt +o default\n";

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        var root = spec.root().commandLine();
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash(root.getCommandName(), root).replace(NO_FILES, ""));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
