package io.kafscale.broker.request;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.TimeoutException;

/** Bounds what a request waits for. Thread-safe. */
public final class Deadlines {
    private final EventLoop loop;

    /** Deadlines by the loop's clock. */
    public Deadlines(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * What {@code future} gives, or a failure with Kafka's {@link TimeoutException} once {@code limit} has passed; {@code future}
     * itself goes on.
     */
    public <T> CompletableFuture<T> within(Duration limit, CompletableFuture<T> future, String what) {
        if (future.isDone()) {
            return future;
        }
        var bounded = future.copy();
        EventLoop.Timer timer = loop.schedule(
                limit,
                () -> bounded.completeExceptionally(
                        new TimeoutException(what + " was not done within " + limit.toMillis() + " ms")));
        bounded.whenComplete((value, failure) -> timer.cancel());
        return bounded;
    }
}
