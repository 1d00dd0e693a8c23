package io.kafscale.objectstore;

/** A store that must not be used: the message says what it does wrong and how to mend it, fit for whoever starts a broker. */
public final class StoreProbeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A store that answered, but wrongly. */
    StoreProbeException(String message) {
        super(message);
    }

    /** A store that failed to answer. */
    StoreProbeException(String message, Throwable cause) {
        super(message, cause);
    }
}
