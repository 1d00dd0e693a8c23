package io.kafscale.app.node;

import io.kafscale.app.settings.KafscaleSettings;

/** Starts a broker: opens the stores, takes the log over, listens. */
public interface NodeStarter {
    /**
     * Starts a broker and returns when it serves clients.
     *
     * @throws io.kafscale.app.cli.CommandException if it cannot start, with what was opened closed again; other exceptions whose
     *     messages say what is wrong and how to mend it may pass through
     */
    RunningNode start(KafscaleSettings settings);
}
