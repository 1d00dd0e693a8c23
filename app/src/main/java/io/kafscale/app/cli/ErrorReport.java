package io.kafscale.app.cli;

import io.kafscale.app.settings.SettingsException;
import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.LogException;
import io.kafscale.log.engine.LogStartException;
import io.kafscale.metastore.MetadataException;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StoreProbeException;
import io.kafscale.runtime.FutureFailure;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns what a command threw into a few words and an exit code; the stack trace only where it was asked for. */
public final class ErrorReport implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        var err = command.getErr();
        err.println("error: " + describe(FutureFailure.cause(failure)));
        if (Logging.isVerbose(parsed)) {
            failure.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }

    /** Kafka's clients tell what they could not do, and why only in the cause. */
    private static String causeOf(Throwable failure) {
        var cause = failure.getCause();
        return cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    }

    private static String describe(Throwable failure) {
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return switch (failure) {
            case CommandException _, SettingsException _, CorruptObjectException _ -> message;
            case StorageException _, StoreProbeException _, MetadataException _ -> message;
            case LogStartException _, LogException _ -> message;
            case AuthenticationException _ -> "The broker refused our credentials: " + message;
            case TimeoutException _ ->
                "The broker did not answer in time: " + sentence(message) + " Is --bootstrap right, and the address it"
                        + " advertises reachable from here? --verbose shows what the client met.";
            case ApiException _ -> message;
            case KafkaException _ -> message + causeOf(failure);
            default ->
                "Unexpected " + failure.getClass().getName() + ": " + message + " (--verbose shows the stack trace)";
        };
    }
}
