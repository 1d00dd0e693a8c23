package io.kafscale.app.cli;

/** A command cannot do what it was asked. The message says what is wrong and how to mend it; it is all that the user sees. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A failure that this code found. */
    public CommandException(String message) {
        super(message);
    }

    /** A failure that something else reported; its stack trace is shown with {@code --verbose}. */
    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
