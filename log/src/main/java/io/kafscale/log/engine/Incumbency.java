package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.segment.Leadership;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The leadership of one session: certain while its registration is confirmed, since nobody seals the stream of a registered
 * incarnation; else its stream says. Costs no request while the registration is confirmed, and never more than one look at a time,
 * however many ask. Log loop only.
 */
final class Incumbency implements Leadership {
    private final BooleanSupplier registered;
    private final Supplier<CompletableFuture<Void>> probe;
    private @Nullable CompletableFuture<Void> looking;
    private @Nullable CompletableFuture<Void> lookingNext;

    /**
     * What is known of a session.
     *
     * @param registered whether the registration is confirmed now
     * @param probe looks whether the stream has been sealed, and fails if so or if that cannot be told; whatever follows from that
     *     is dealt with elsewhere
     */
    Incumbency(BooleanSupplier registered, Supplier<CompletableFuture<Void>> probe) {
        this.registered = registered;
        this.probe = probe;
    }

    @Override
    public boolean isCertain() {
        return registered.getAsBoolean();
    }

    @Override
    public CompletableFuture<Void> ascertain() {
        if (isCertain()) {
            return CompletableFuture.completedFuture(null);
        }
        if (looking == null) {
            return look();
        }
        if (lookingNext == null) {
            // A look that began before the question says nothing of what has happened since.
            lookingNext = looking.handle((_, _) -> null).thenCompose(_ -> look());
        }
        return lookingNext;
    }

    private CompletableFuture<Void> look() {
        lookingNext = null;
        CompletableFuture<Void> look =
                probe.get().exceptionallyCompose(failure -> CompletableFuture.failedFuture(asLogException(failure)));
        looking = look;
        look.whenComplete((_, _) -> {
            if (looking == look) {
                looking = null;
            }
        });
        return look;
    }

    private static LogException asLogException(Throwable failure) {
        Throwable cause = FutureFailure.cause(failure);
        return cause instanceof LogException known
                ? known
                : new LogException(
                        Kind.STORAGE_UNAVAILABLE, "it cannot be told whether this broker has been replaced", cause);
    }
}
