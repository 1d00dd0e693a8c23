package io.kafscale.metastore.cluster;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the history of a metadata store that does not do so by itself, while this broker holds a {@link Role}: once a minute, up to
 * what was current {@link #KEPT} ago. Who loses the role stops and forgets what it knew. Two that both believe to hold it do no harm,
 * since each keeps as much. On the loop of the access.
 *
 * <p>The time is longer than etcd takes (ten to eleven minutes) to tell a watch under whose prefix nothing changes how far it is, so
 * that such a watch, too, finds the revisions it needs when its connection breaks.
 */
public final class HistoryCompactor implements Role.Listener {
    /** How much history stays. */
    public static final Duration KEPT = Duration.ofMinutes(15);

    static final Duration TURN = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(HistoryCompactor.class);

    /** The store's revision at a moment of the monotonic clock. */
    private record Sample(long atNanos, long revision) {}

    private final MetadataAccess access;
    private final OnLoop onLoop;
    private @Nullable Tenure current;

    /** A compactor that does nothing yet, for the access' store. */
    public HistoryCompactor(MetadataAccess access) {
        this.access = access;
        this.onLoop = new OnLoop(access.loop());
    }

    /** From now on it is up to this broker. */
    @Override
    public void acquired() {
        current = new Tenure();
        current.turn();
    }

    /** It is not any more. */
    @Override
    public void lost() {
        if (current != null) {
            current.end();
            current = null;
        }
    }

    /** What is known and done while the role is held once: history that others may have kept meanwhile is none of ours. */
    private final class Tenure {
        private final Deque<Sample> samples = new ArrayDeque<>();
        private EventLoop.@Nullable Timer next;
        private long compacted;
        private boolean over;

        void end() {
            over = true;
            if (next != null) {
                next.cancel();
            }
        }

        /** Reads one key, for the revision that comes with it. */
        void turn() {
            onLoop.run(() -> access.store()
                            .range(access.keys().cluster())
                            .thenCompose(read -> onLoop.run(() -> compact(read.revision()))))
                    .whenCompleteAsync(
                            (done, failure) -> {
                                if (failure != null && !over) {
                                    report(FutureFailure.cause(failure));
                                }
                                if (!over) {
                                    next = access.loop().schedule(TURN, this::turn);
                                }
                            },
                            access.loop());
        }

        private CompletableFuture<Void> compact(long revision) {
            if (over) {
                return CompletableFuture.completedFuture(null);
            }
            long now = access.loop().time().nanoTime();
            samples.addLast(new Sample(now, revision));
            long due = compacted;
            while (now - samples.getFirst().atNanos() >= KEPT.toNanos()) {
                due = samples.removeFirst().revision();
            }
            if (due == compacted) {
                return CompletableFuture.completedFuture(null);
            }
            long old = due;
            return onLoop.hop(access.store().compact(old)).thenRun(() -> {
                compacted = old;
                LOG.debug("Compacted history [revision={}, current={}]", old, revision);
            });
        }
    }

    private void report(Throwable failure) {
        if (failure instanceof MetadataException known && known.kind() == Kind.CLOSED) {
            lost();
        } else if (failure instanceof MetadataException known && known.kind() == Kind.DENIED) {
            LOG.warn(
                    "The metadata store does not let us compact its history, which grows until somebody does [store={}]",
                    access.store().describe(),
                    failure);
        } else {
            LOG.info("History was not compacted this time, the next attempt is in a minute: {}", failure.toString());
        }
    }
}
