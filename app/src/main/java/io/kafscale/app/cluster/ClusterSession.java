package io.kafscale.app.cluster;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.Progress;
import io.kafscale.app.node.Stores;
import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.MetadataUri;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.ThreadEventLoop;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A view of a cluster's metadata that follows it, and the means to change placement. Opened and closed by the main thread. */
final class ClusterSession implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Logger LOG = LoggerFactory.getLogger(ClusterSession.class);

    private final ThreadEventLoop loop;
    private final MetadataStore store;
    private final MetadataAccess access;
    private final ImageKeeper images;
    private final PrintWriter err;

    /**
     * A session over a store.
     *
     * @param loop where the store's futures may run; closed here, like {@code store}
     * @param err progress goes there
     */
    ClusterSession(MetadataStore store, String namespace, ThreadEventLoop loop, PrintWriter err) {
        this.loop = loop;
        this.store = store;
        this.access = new MetadataAccess(store, new MetadataKeys(namespace), loop, new SecureRandom());
        this.images = new ImageKeeper(access);
        this.err = err;
    }

    /** Opens the metadata store that brokers with these settings share. */
    static ClusterSession open(KafscaleSettings settings, PrintWriter err) {
        requireShared(settings);
        ThreadEventLoop loop = newLoop();
        try {
            var store = Stores.openMetadata(settings, loop, failure -> LOG.error("The metadata store failed", failure));
            return new ClusterSession(store, settings.node().namespace(), loop, err);
        } catch (RuntimeException failure) {
            loop.close();
            throw failure;
        }
    }

    static ThreadEventLoop newLoop() {
        return new ThreadEventLoop(
                "kafscale-cluster", (name, failure) -> LOG.error("A task failed [loop={}]", name, failure));
    }

    private static void requireShared(KafscaleSettings settings) {
        if (!(settings.metadata().uri() instanceof MetadataUri.Etcd)) {
            throw new CommandException(
                    "metadata.uri = '" + Stores.describe(settings.metadata().uri())
                            + "' is a store inside a single broker, which keeps everybody else out of it. This command is for"
                            + " clusters, whose brokers share an etcd: name theirs with --set metadata.uri=etcd://host:port, or"
                            + " the brokers' settings with --config.");
        }
    }

    /** Begins to follow the cluster, which must exist. */
    ClusterRecord cluster() {
        Versioned<ClusterRecord> record = await("reading " + store.describe(), new ClusterStore(access).get())
                .orElseThrow(() -> new CommandException("There is no cluster in the namespace '"
                        + access.keys().namespace() + "' of " + store.describe()
                        + ": no broker has ever been started with these settings. Is 'namespace' right?"));
        await("reading " + store.describe(), images.start());
        return record.value();
    }

    /** The newest image; of {@link #cluster()} on. */
    ClusterImage image() {
        return images.image();
    }

    PlacementStore placement() {
        return new PlacementStore(access);
    }

    /** The outcome of something that takes the metadata store a moment. */
    <T> T await(String activity, CompletableFuture<T> future) {
        try (var _ = Progress.of(err, activity)) {
            return get(activity, future, PATIENCE);
        } catch (TimeoutException slow) {
            throw new CommandException(
                    activity + ": " + store.describe() + " did not answer within " + PATIENCE.toSeconds() + " s.",
                    slow);
        }
    }

    /**
     * Waits, for as long as it takes, for an image that fulfils a condition.
     *
     * @param progress what the user is told meanwhile, by the newest image
     * @param done decides, on the loop; what it throws ends the wait
     */
    ClusterImage awaitImage(Function<ClusterImage, String> progress, Predicate<ClusterImage> done) {
        var found = new CompletableFuture<ClusterImage>();
        Runnable look = () -> {
            try {
                ClusterImage now = images.image();
                if (done.test(now)) {
                    found.complete(now);
                }
            } catch (RuntimeException over) {
                found.completeExceptionally(over);
            }
        };
        loop.execute(look);
        images.addListener((_, _, _) -> look.run());
        Supplier<String> activity = () -> progress.apply(images.image());
        try (var _ = Progress.of(err, activity)) {
            return get("waiting", found, Duration.ofDays(1000));
        } catch (TimeoutException never) {
            throw new CommandException("Gave up waiting.", never);
        }
    }

    private static <T> T get(String activity, CompletableFuture<T> future, Duration patience) throws TimeoutException {
        try {
            return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CommandException(activity + " failed: " + failed.getCause(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandException(activity + " was interrupted", interrupted);
        }
    }

    @Override
    public void close() {
        images.close();
        store.close();
        loop.close();
    }
}
