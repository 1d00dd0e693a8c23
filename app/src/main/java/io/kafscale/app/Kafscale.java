package io.kafscale.app;

import io.kafscale.app.cli.ErrorReport;
import io.kafscale.app.cli.Logging;
import io.kafscale.app.cli.UsageReport;
import io.kafscale.app.node.BrokerCommand;
import io.kafscale.app.node.BrokerNodeStarter;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** The main class. */
public final class Kafscale {
    private static final int HELP_COLUMNS = 110;

    private Kafscale() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command line, as tests run it too. */
    public static CommandLine commandLine() {
        return new CommandLine(new RootCommand())
                .addSubcommand(new BrokerCommand(new BrokerNodeStarter()))
                .setExecutionStrategy(Kafscale::execute)
                .setExecutionExceptionHandler(new ErrorReport())
                .setParameterExceptionHandler(new UsageReport())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(HELP_COLUMNS);
    }

    private static int execute(ParseResult parsed) {
        Logging.prepare(innermost(parsed));
        return new RunLast().execute(parsed);
    }

    private static ParseResult innermost(ParseResult parsed) {
        return parsed.hasSubcommand() ? innermost(parsed.subcommand()) : parsed;
    }
}
