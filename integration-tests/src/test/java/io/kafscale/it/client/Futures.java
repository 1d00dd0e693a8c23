package io.kafscale.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what clients promise. */
public final class Futures {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Futures() {}

    /** The value; fails the test on an error or when it takes longer than any default client waits. */
    public static <T> T get(Future<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw new AssertionError("failed: " + failed.getCause(), failed.getCause());
        } catch (TimeoutException late) {
            throw new AssertionError("no answer within " + PATIENCE, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    /** The error of this type with which it fails; fails the test when there is none or another. */
    public static <E extends Throwable> E failure(Future<?> future, Class<E> type) {
        try {
            Object value = future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            throw new AssertionError("no " + type.getSimpleName() + ", but " + value);
        } catch (ExecutionException failed) {
            assertThat(failed.getCause()).isInstanceOf(type);
            return type.cast(failed.getCause());
        } catch (TimeoutException late) {
            throw new AssertionError("no answer within " + PATIENCE, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}
