package io.kafscale.app.client;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;

/** An admin client whose calls are awaited, with a progress display. Main thread. */
final class BrokerSession implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Admin admin;
    private final PrintWriter err;

    /** A session over {@code admin}, which it closes. */
    BrokerSession(Admin admin, PrintWriter err) {
        this.admin = admin;
        this.err = err;
    }

    static BrokerSession open(Properties properties, PrintWriter err) {
        return new BrokerSession(Admin.create(properties), err);
    }

    Admin admin() {
        return admin;
    }

    /**
     * The result of a call.
     *
     * @param activity what the user is told if it takes long, such as "creating orders"
     * @throws RuntimeException what the broker answered: {@link org.apache.kafka.common.errors.ApiException} most often
     */
    <T> T await(String activity, KafkaFuture<T> call) {
        try (var _ = Progress.of(err, activity)) {
            return call.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CommandException(activity + " failed: " + failed.getCause(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandException(activity + " was interrupted", interrupted);
        }
    }

    /** The result of the one of several calls that is about {@code name}. */
    <T> T await(String activity, Map<String, KafkaFuture<T>> calls, String name) {
        var call = calls.get(name);
        if (call == null) {
            throw new IllegalStateException(activity + ": the client made no call for " + name);
        }
        return await(activity, call);
    }

    @Override
    public void close() {
        admin.close(CLOSE_TIMEOUT);
    }
}
