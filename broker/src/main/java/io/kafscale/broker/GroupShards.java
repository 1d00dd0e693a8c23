package io.kafscale.broker;

import io.kafscale.coordinator.GroupCoordinatorHost;
import io.kafscale.coordinator.GroupCoordinatorHost.LossListener;
import io.kafscale.coordinator.ShardLostException;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps all shards of groups on this broker: acquires them, and again, after a pause, those that were lost. For a cluster of one
 * broker. Made before the host, which is told of losses through it. State is touched on the loop only.
 */
public final class GroupShards implements LossListener {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShards.class);
    private static final Backoff PAUSE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final EventLoop loop;
    private final RandomGenerator random;
    private @Nullable GroupCoordinatorHost host;
    private boolean stopped;

    /**
     * Shards of a host to come.
     *
     * @param loop the host's loop
     * @param random for the jitter of pauses; used on the loop
     */
    public GroupShards(EventLoop loop, RandomGenerator random) {
        this.loop = loop;
        this.random = random;
    }

    /** Acquires all shards of {@code groups}; completes when each answers, for as long as that takes. */
    public CompletableFuture<Void> acquireAll(GroupCoordinatorHost groups) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            host = groups;
                            return CompletableFuture.allOf(IntStream.range(0, groups.shards())
                                    .mapToObj(shard -> acquire(groups, shard, 0))
                                    .toArray(CompletableFuture<?>[]::new));
                        },
                        loop)
                .thenCompose(all -> all);
    }

    /** Acquires no further shard: the host is about to be closed. */
    public void stop() {
        loop.execute(() -> stopped = true);
    }

    @Override
    public void onLost(int shard, ShardLostException why) {
        LOG.warn("Shard {} of the consumer groups was lost and will be acquired again", shard, why);
        GroupCoordinatorHost groups = host;
        if (groups != null) {
            acquire(groups, shard, 0);
        }
    }

    private CompletableFuture<Void> acquire(GroupCoordinatorHost groups, int shard, int attempt) {
        if (stopped) {
            return CompletableFuture.completedFuture(null);
        }
        var done = new CompletableFuture<Void>();
        groups.acquire(shard).whenComplete((acquired, failure) -> {
            if (failure == null) {
                done.complete(null);
                return;
            }
            LOG.warn("Shard {} of the consumer groups cannot be acquired, trying again", shard, failure);
            loop.execute(() -> loop.schedule(
                    PAUSE.delay(attempt, random),
                    () -> acquire(groups, shard, attempt + 1).thenRun(() -> done.complete(null))));
        });
        return done;
    }
}
