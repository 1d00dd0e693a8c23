package io.kafscale.log.wal;

import io.kafscale.log.LogException;

/** Whoever runs a broker incarnation hears of its stream's fate here. Called on the log loop only. */
public interface WalListener {
    /**
     * The stream is lost to this incarnation: somebody sealed it or wrote into it. Called once. Nothing is acknowledged afterwards
     * and every append is refused; what was not acknowledged may or may not be part of the stream.
     *
     * @param cause what was found, of the kind that clients are to be told (NOT_LEADER; CLOSED where the store itself was closed)
     */
    void fenced(LogException cause);

    /** An object and every one before it are durable, and its owners have been told. */
    default void objectCommitted(CommittedObject object) {}
}
