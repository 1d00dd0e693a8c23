package io.kafscale.app;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * One run of the program with its output captured.
 *
 * @param exitCode 0 done, 1 failed, 2 wrong usage
 */
public record CommandLineRun(int exitCode, String out, String err) {
    /** Runs a command in this process. */
    public static CommandLineRun of(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = Kafscale.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new CommandLineRun(exitCode, out.toString(), err.toString());
    }
}
