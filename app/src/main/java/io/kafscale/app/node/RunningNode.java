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

    /** Who it is, and who else is in its cluster. */
    Standing standing();

    /**
     * Gives up everything that another broker can take, while this one still answers; completes when that is done, at once if there is
     * no other. The broker goes on until {@link #close()}.
     */
    CompletableFuture<Void> handOver();

    /** What it leads now, in words for people. */
    String remaining();

    /** Completes when the broker has stopped: normally after {@link #close()}, exceptionally if it could not go on. */
    CompletableFuture<Void> stopped();

    /**
     * Answers what is under way, makes everything durable that was acknowledged, seals the own stream, gives up the registration, and
     * stops. Blocks.
     */
    @Override
    void close();
}
