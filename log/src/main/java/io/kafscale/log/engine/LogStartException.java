package io.kafscale.log.engine;

/** Why a broker's log must not start. The message says what is wrong and how to mend it; it is meant for the operator as it is. */
public final class LogStartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A refusal found by this code. */
    public LogStartException(String message) {
        super(message);
    }

    /** A refusal with the failure behind it. */
    public LogStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
