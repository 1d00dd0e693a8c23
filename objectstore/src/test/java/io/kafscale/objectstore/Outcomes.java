package io.kafscale.objectstore;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How tests wait for a store's answer: blocking, with a deadline. Stateless. */
public final class Outcomes {
    private static final int DEADLINE_SECONDS = 60;

    private Outcomes() {}

    /** The value of {@code future}; its failure is thrown as it is. */
    public static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError("failed with what is no unchecked exception", failed);
        } catch (TimeoutException late) {
            throw new AssertionError("no answer within " + DEADLINE_SECONDS + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    /** The storage failure that {@code future} ends with, which must not be wrapped. */
    public static StorageException failure(CompletableFuture<?> future) {
        var bare = future.handle((value, failure) -> failure);
        if (await(bare) instanceof StorageException failure) {
            return failure;
        }
        throw new AssertionError("expected a StorageException, not " + future);
    }
}
