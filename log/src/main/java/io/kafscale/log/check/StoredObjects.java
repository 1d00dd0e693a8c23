package io.kafscale.log.check;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Reads objects and tells apart what the answer means: there, gone, unreadable. A store that fails again and again ends the check:
 * what it cannot read now says nothing of the object. Belongs to the loop.
 */
final class StoredObjects {
    /** So many failures in a row are the store's. */
    private static final int PATIENCE = 8;

    /** What became of a read. */
    sealed interface Outcome<T> {
        /** The object is there and what it should be. */
        record Good<T>(T value) implements Outcome<T> {}

        /** There is no such object (any more). */
        record Gone<T>() implements Outcome<T> {}

        /** The object cannot be read, or is not what it should be. */
        record Bad<T>(String why) implements Outcome<T> {}
    }

    private final CheckContext context;
    private final CheckProgress progress;
    private int failuresInARow;

    StoredObjects(CheckContext context, CheckProgress progress) {
        this.context = context;
        this.progress = progress;
    }

    <T> CompletableFuture<Outcome<T>> whole(String key, int maxBytes, Function<ByteBuffer, T> parser) {
        return outcome(key, context.objects().get(key, maxBytes), bytes -> parsed(bytes.remaining(), bytes, parser));
    }

    <T> CompletableFuture<Outcome<T>> range(String key, long position, int length, Function<ByteBuffer, T> parser) {
        return outcome(
                key,
                context.objects().getRange(key, position, length),
                bytes -> parsed(bytes.remaining(), bytes, parser));
    }

    <T> CompletableFuture<Outcome<T>> tail(String key, int length, Function<ObjectTail, T> parser) {
        return outcome(
                key,
                context.objects().getTail(key, length),
                tail -> parsed(tail.bytes().remaining(), tail, parser));
    }

    private <B, T> T parsed(int bytes, B read, Function<B, T> parser) {
        progress.bytesRead.addAndGet(bytes);
        return parser.apply(read);
    }

    private <B, T> CompletableFuture<Outcome<T>> outcome(
            String key, CompletableFuture<B> reading, Function<B, T> parser) {
        return LoopFutures.hop(reading, context.loop())
                .<Outcome<T>>thenApply(read -> new Outcome.Good<>(parser.apply(read)))
                .exceptionally(thrown -> failed(key, FutureFailure.cause(thrown)))
                .thenApply(result -> {
                    if (!(result instanceof Outcome.Bad<T>)) {
                        failuresInARow = 0;
                    }
                    return result;
                });
    }

    private <T> Outcome<T> failed(String key, Throwable cause) {
        if (cause instanceof CorruptObjectException damage) {
            failuresInARow = 0;
            return new Outcome.Bad<>(String.valueOf(damage.getMessage()));
        }
        StorageException failure = StorageException.of(cause, StorageException.Kind.UNAVAILABLE, key);
        return switch (failure.kind()) {
            case NOT_FOUND -> new Outcome.Gone<>();
            case TOO_LARGE -> new Outcome.Bad<>(String.valueOf(failure.getMessage()));
            case CLOSED -> throw failure;
            default -> {
                if (++failuresInARow > PATIENCE) {
                    throw failure;
                }
                yield new Outcome.Bad<>("the store does not give it: " + failure.getMessage());
            }
        };
    }
}
