package io.kafscale.app;

import io.kafscale.app.cli.ErrorReport;
import io.kafscale.app.cli.Logging;
import io.kafscale.app.cli.UsageReport;
import io.kafscale.app.node.BrokerCommand;
import io.kafscale.app.node.BrokerNodeStarter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** The main class. */
public final class Kafscale {
    private static final int HELP_COLUMNS = 110;

    private Kafscale() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().setOut(standardOutput()).execute(arguments));
    }

    /** UTF-8 in every locale, as JSON must be; and unlike picocli's own writer it knows when nobody reads any more. */
    private static PrintWriter standardOutput() {
        return new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    }

    /** The command line, as tests run it too. */
    public static CommandLine commandLine() {
        return new CommandLine(new RootCommand(), new Commands())
                .setExecutionStrategy(Kafscale::execute)
                .setExecutionExceptionHandler(new ErrorReport())
                .setParameterExceptionHandler(new UsageReport())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(HELP_COLUMNS);
    }

    /** Makes the commands that the root names; a broker's needs to know what starts it. */
    private static final class Commands implements IFactory {
        private final IFactory others = CommandLine.defaultFactory();

        @Override
        public <K> K create(Class<K> type) throws Exception {
            return type.equals(BrokerCommand.class)
                    ? type.cast(new BrokerCommand(new BrokerNodeStarter()))
                    : others.create(type);
        }
    }

    private static int execute(ParseResult parsed) {
        Logging.prepare(innermost(parsed));
        return new RunLast().execute(parsed);
    }

    private static ParseResult innermost(ParseResult parsed) {
        return parsed.hasSubcommand() ? innermost(parsed.subcommand()) : parsed;
    }
}
