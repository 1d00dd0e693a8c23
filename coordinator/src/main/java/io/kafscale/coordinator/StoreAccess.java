package io.kafscale.coordinator;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The store, and the loop its answers are handled on. The random generator belongs to the loop.
 *
 * @param backoff the waits between attempts of one call
 */
record StoreAccess(MetadataStore store, EventLoop loop, Backoff backoff, RandomGenerator random) {
    /** Hands the outcome of a call to {@code then} on the loop: a value or a {@link MetadataException}. */
    <T> void onLoop(CompletableFuture<T> call, BiConsumer<@Nullable T, @Nullable MetadataException> then) {
        call.whenComplete((value, failure) -> loop.execute(() -> then.accept(value, asMetadataException(failure))));
    }

    /** Runs {@code task} after the wait that belongs to attempt number {@code attempt}. */
    EventLoop.Timer retry(int attempt, Runnable task) {
        return loop.schedule(backoff.delay(attempt, random), task);
    }

    /** The store promises {@link MetadataException} only; anything else leaves the outcome of a write open. */
    static @Nullable MetadataException asMetadataException(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        Throwable cause = FutureFailure.cause(failure);
        return cause instanceof MetadataException known
                ? known
                : new MetadataException(
                        MetadataException.Kind.OUTCOME_UNKNOWN, "unexpected failure of the store", cause);
    }

    /** Whether failure number {@code failures} in a row is worth a line in the log: the 1st, 2nd, 4th, 8th… */
    static boolean worthALine(int failures) {
        return Integer.bitCount(failures) == 1;
    }

    /** Whether a call that failed like this may succeed later. */
    static boolean passing(MetadataException failure) {
        return switch (failure.kind()) {
            case OUTCOME_UNKNOWN, UNAVAILABLE, NO_SPACE, DENIED -> true;
            case LEASE_GONE, CORRUPT, CLOSED -> false;
        };
    }
}
