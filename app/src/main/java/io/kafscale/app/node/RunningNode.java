package io.kafscale.app.node;

import io.kafscale.app.settings.HostPort;
import java.util.concurrent.CompletableFuture;

/** A broker that serves clients. Thread-safe. */
public interface RunningNode extends AutoCloseable {
    /** Where it listens, with the port that was chosen if the settings left that open. */
    HostPort listening();

    /** Where records are stored, for people. */
    String storage();

    /** Where metadata is stored, for people. */
    String metadata();

    /** Completes when the broker has stopped: normally after {@link #close()}, exceptionally if it could not go on. */
    CompletableFuture<Void> stopped();

    /** Answers what is under way, makes everything durable that was acknowledged, gives up leadership, and stops. Blocks. */
    @Override
    void close();
}
