package io.kafscale.log.recover;

/** A recovery must not be done as things are. The message is for the operator. */
public final class RecoveryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Refuses for this reason. */
    public RecoveryException(String message) {
        super(message);
    }
}
