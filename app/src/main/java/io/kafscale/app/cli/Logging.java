package io.kafscale.app.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ParseResult;

/** How much is logged: a broker logs, a client command is silent unless {@code --verbose} was given. Main thread. */
public final class Logging {
    /** Marks, as a user object of a command, that it runs for long and its log is what people watch. */
    public interface Logs {}

    private Logging() {}

    /** Sets the level for the command that is about to run. */
    public static void prepare(ParseResult command) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            boolean logs = command.commandSpec().userObject() instanceof Logs;
            if (isVerbose(command)) {
                context.getLogger("io.kafscale").setLevel(Level.DEBUG);
            } else if (!logs) {
                silence(context);
            }
        }
    }

    /** Every logger with a level of its own: the root's alone would not do. */
    private static void silence(LoggerContext context) {
        context.getLoggerList().stream()
                .filter(logger -> logger.getLevel() != null)
                .forEach(logger -> logger.setLevel(Level.OFF));
    }

    /** Whether {@code --verbose} was given. */
    public static boolean isVerbose(ParseResult command) {
        for (ParseResult at = command; at != null; at = at.hasSubcommand() ? at.subcommand() : null) {
            var option = at.commandSpec().findOption("--verbose");
            if (option != null && Boolean.TRUE.equals(option.getValue())) {
                return true;
            }
        }
        return false;
    }
}
