package io.kafscale.runtime;

import java.util.concurrent.CompletionException;

/** What futures that depend on each other fail with. Stateless; any thread. */
public final class FutureFailure {
    private FutureFailure() {}

    /** The failure itself, without the envelopes that chained futures put around it. */
    public static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
