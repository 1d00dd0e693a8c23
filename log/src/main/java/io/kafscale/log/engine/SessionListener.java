package io.kafscale.log.engine;

import io.kafscale.log.LogException;

/** Told when a session can no longer be one. Log loop only. */
interface SessionListener {
    /** The incarnation lost its stream or its registration: whatever it led, it leads no more. Called once. */
    void over(LogException cause);

    /** Partitions were taken, lost, or found damaged: whoever waits for some may look again. */
    void partitionsChanged();
}
