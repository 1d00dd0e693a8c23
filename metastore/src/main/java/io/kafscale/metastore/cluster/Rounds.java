package io.kafscale.metastore.cluster;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Repeats read-then-compare-and-set until nobody else was faster, waiting a little longer each time. On the loop of the access.
 */
final class Rounds {
    private static final int LIMIT = 12;
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(5), Duration.ofMillis(500));

    private final MetadataAccess access;
    private final OnLoop onLoop;

    Rounds(MetadataAccess access) {
        this.access = access;
        this.onLoop = new OnLoop(access.loop());
    }

    /**
     * Runs rounds until one has a result.
     *
     * @param what is being done, for the message of the failure
     * @param round reads, decides and commits; empty means that a compared key had changed
     */
    <T> CompletableFuture<T> run(String what, Supplier<CompletableFuture<Optional<T>>> round) {
        return onLoop.run(() -> {
            var result = new CompletableFuture<T>();
            next(what, 0, round, result);
            return result;
        });
    }

    private <T> void next(
            String what, int number, Supplier<CompletableFuture<Optional<T>>> round, CompletableFuture<T> result) {
        CompletableFuture<Optional<T>> started;
        try {
            started = onLoop.hop(round.get());
        } catch (RuntimeException failure) {
            result.completeExceptionally(failure);
            return;
        }
        started.whenComplete((answer, failure) -> {
            if (failure != null) {
                result.completeExceptionally(FutureFailure.cause(failure));
            } else if (answer.isPresent()) {
                result.complete(answer.get());
            } else if (number + 1 >= LIMIT) {
                result.completeExceptionally(new MetadataException(
                        Kind.UNAVAILABLE,
                        what + " was overtaken by other writers " + LIMIT + " times; nothing was written"));
            } else {
                access.loop()
                        .schedule(BACKOFF.delay(number, access.random()), () -> next(what, number + 1, round, result));
            }
        });
    }
}
