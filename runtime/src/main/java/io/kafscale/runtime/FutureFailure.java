package io.kafscale.runtime;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What futures that depend on each other fail with. Stateless; any thread. */
public final class FutureFailure {
    private FutureFailure() {}

    /** The failure itself, without the envelopes that futures put around it: those of a chain, and that of who waits for one. */
    public static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
