package io.kafscale.metastore.cluster;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore.Watch;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.WatchListener;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the metadata store and publishes a {@link ClusterImage} after the other: lists, watches from there, and when the watch
 * needs what was compacted, lists again and publishes the difference. Methods are thread-safe; listeners run on the loop.
 */
public final class ImageKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageKeeper.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final MetadataAccess access;
    private final List<ImageListener> listeners = new ArrayList<>();
    private final TreeMap<Long, List<CompletableFuture<ClusterImage>>> waiting = new TreeMap<>();
    private final CompletableFuture<ClusterImage> ready = new CompletableFuture<>();

    private volatile ClusterImage image = ClusterImage.EMPTY;
    private @Nullable Watch watch;
    private long attempt;
    private int failures;
    private boolean started;
    private boolean closed;

    /** Keeps the image of the access' namespace, on its loop. */
    public ImageKeeper(MetadataAccess access) {
        this.access = access;
    }

    /** Begins to follow the store, for as long as it takes to reach it; completes with the first image. */
    public CompletableFuture<ClusterImage> start() {
        access.loop().execute(() -> {
            if (!started && !closed) {
                started = true;
                list();
            }
        });
        return ready;
    }

    /** The latest image, {@link ClusterImage#EMPTY} before the first. */
    public ClusterImage image() {
        return image;
    }

    /** Adds a listener, which is first told how the latest image differs from the empty one, if it does. */
    public void addListener(ImageListener listener) {
        access.loop().execute(() -> {
            listeners.add(listener);
            ClusterDelta everything = ClusterDelta.whole(image);
            if (!everything.isEmpty()) {
                notify(listener, ClusterImage.EMPTY, image, everything);
            }
        });
    }

    /**
     * Completes with the first image that shows what a store of this package wrote at {@code revision}. Fails with
     * {@link MetadataException} when this is closed.
     *
     * @param revision of a write to a key of the image; waiting for another one may take until the next such write
     */
    public CompletableFuture<ClusterImage> awaitRevision(long revision) {
        ClusterImage now = image;
        if (now.revision() >= revision) {
            return CompletableFuture.completedFuture(now);
        }
        var result = new CompletableFuture<ClusterImage>();
        access.loop().execute(() -> {
            if (closed) {
                result.completeExceptionally(closedFailure());
            } else if (image.revision() >= revision) {
                result.complete(image);
            } else {
                waiting.computeIfAbsent(revision, key -> new ArrayList<>()).add(result);
            }
        });
        return result;
    }

    /** Ends following; the latest image stays readable. */
    @Override
    public void close() {
        access.loop().execute(() -> {
            if (closed) {
                return;
            }
            closed = true;
            endWatch();
            ready.completeExceptionally(closedFailure());
            waiting.values().forEach(futures -> futures.forEach(f -> f.completeExceptionally(closedFailure())));
            waiting.clear();
        });
    }

    private void list() {
        long mine = ++attempt;
        access.store()
                .range(access.keys().imagePrefix())
                .whenComplete((listing, failure) -> access.loop().execute(() -> {
                    if (closed || mine != attempt) {
                        return;
                    }
                    if (failure != null) {
                        listLater(FutureFailure.cause(failure));
                    } else if (listing.revision() < image.revision()) {
                        listLater(new MetadataException(
                                Kind.CORRUPT,
                                "the metadata store went back from revision " + image.revision() + " to "
                                        + listing.revision() + ": was an old copy of it restored?"));
                    } else {
                        listed(listing);
                    }
                }));
    }

    private void listLater(Throwable failure) {
        Duration delay = BACKOFF.delay(failures++, access.random());
        LOG.warn(
                "Cannot read the cluster image from {}, next attempt in {} ms",
                access.store().describe(),
                delay.toMillis(),
                failure);
        access.loop().schedule(delay, () -> {
            if (!closed) {
                list();
            }
        });
    }

    private void listed(RangeResult listing) {
        var builder = new ClusterImageBuilder(access.keys(), image);
        builder.replaceBy(listing);
        publish(builder, listing.revision());
        ready.complete(image);
        try {
            follow(listing.revision() + 1);
            failures = 0;
        } catch (MetadataException failure) {
            listLater(failure);
        }
    }

    private void follow(long fromRevision) {
        long mine = ++attempt;
        endWatch();
        watch = access.store().watch(access.keys().imagePrefix(), fromRevision, new WatchListener() {
            @Override
            public void onChanges(long revision, List<Change> changes) {
                access.loop().execute(() -> changed(mine, revision, changes));
            }

            @Override
            public void onCompacted() {
                access.loop().execute(() -> {
                    if (!closed && mine == attempt) {
                        list();
                    }
                });
            }
        });
    }

    private void changed(long of, long revision, List<WatchListener.Change> changes) {
        // A watch that was replaced may still report, and a transport may report twice: only what is new counts.
        if (closed || of != attempt || revision <= image.revision()) {
            return;
        }
        var builder = new ClusterImageBuilder(access.keys(), image);
        builder.apply(changes);
        publish(builder, revision);
    }

    private void publish(ClusterImageBuilder builder, long revision) {
        for (MetadataException problem : builder.problems()) {
            LOG.error("Cannot read a metadata value, what was known before stays in use", problem);
        }
        ClusterImage before = image;
        ClusterImage now = builder.build(revision);
        image = now;
        ClusterDelta delta = builder.delta(now);
        if (!delta.isEmpty()) {
            for (ImageListener listener : List.copyOf(listeners)) {
                notify(listener, before, now, delta);
            }
        }
        var due = waiting.headMap(revision, true);
        List<CompletableFuture<ClusterImage>> wake = new ArrayList<>();
        due.values().forEach(wake::addAll);
        due.clear();
        wake.forEach(future -> future.complete(now));
    }

    private static void notify(ImageListener listener, ClusterImage before, ClusterImage now, ClusterDelta delta) {
        try {
            listener.onImage(before, now, delta);
        } catch (RuntimeException failure) {
            // One listener's bug must not keep the others from learning of the change.
            LOG.error("A listener failed on the image of revision {}", now.revision(), failure);
        }
    }

    private void endWatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    private static MetadataException closedFailure() {
        return new MetadataException(Kind.CLOSED, "the cluster image is no longer followed");
    }
}
