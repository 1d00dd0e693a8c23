package io.kafscale.app.maintenance;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.node.Stores;
import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.MetadataUri;
import io.kafscale.app.settings.StorageUri;
import io.kafscale.format.ObjectLayout;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.metastore.embedded.MetadataDirectoryView;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ReadOnlyObjectStore;
import io.kafscale.objectstore.RetryingObjectStore;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.local.LocalObjectStore;
import io.kafscale.objectstore.local.LocalStoreSettings;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.ThreadEventLoop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both stores of a namespace, opened for a command: for reading, which works beside brokers and locks nothing, or for writing, as a
 * broker opens them. Opened and closed by the main thread; the stores are used on the loop.
 */
final class NamespaceStores implements AutoCloseable {
    private static final RetryingObjectStore.Policy RETRIES = new RetryingObjectStore.Policy(
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2)), Duration.ofSeconds(30));
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceStores.class);

    private final KafscaleSettings settings;
    private final ThreadEventLoop loop;
    private final ObjectStore objects;
    private final MetadataStore metadata;
    private final SecureRandom random = new SecureRandom();

    private NamespaceStores(
            KafscaleSettings settings, ThreadEventLoop loop, ObjectStore objects, MetadataStore metadata) {
        this.settings = settings;
        this.loop = loop;
        this.objects = objects;
        this.metadata = metadata;
    }

    /** Opens both so that nothing can be changed by accident. */
    static NamespaceStores forReading(KafscaleSettings settings) {
        return open(settings, true);
    }

    /** Opens both as a broker does: what is embedded must not be open elsewhere. */
    static NamespaceStores forWriting(KafscaleSettings settings) {
        return open(settings, false);
    }

    private static NamespaceStores open(KafscaleSettings settings, boolean readOnly) {
        if (settings.storage().uri() instanceof StorageUri.Memory
                || settings.metadata().uri() instanceof MetadataUri.Memory) {
            throw new CommandException("storage.uri or metadata.uri is 'memory:', which nothing outlives.");
        }
        ObjectStore objects =
                readOnly ? readableObjects(settings) : Stores.openObjects(settings, NamespaceStores::storeFailed);
        ThreadEventLoop loop = new ThreadEventLoop("kafscale-maintenance", NamespaceStores::taskFailed);
        try {
            MetadataStore metadata = readOnly && settings.metadata().uri() instanceof MetadataUri.Directory(var path)
                    ? readableMetadata(path, loop)
                    : Stores.openMetadata(settings, loop, failure -> LOG.error("The metadata failed", failure));
            return new NamespaceStores(settings, loop, objects, metadata);
        } catch (RuntimeException unusable) {
            objects.close();
            loop.close();
            throw unusable;
        }
    }

    /** A directory that is not there is metadata that was lost, and is not made by looking. */
    private static MetadataStore readableMetadata(Path directory, EventLoop loop) {
        return Files.isDirectory(directory)
                ? MetadataDirectoryView.of(directory)
                : EmbeddedMetadataStore.inMemory(loop);
    }

    private static ObjectStore readableObjects(KafscaleSettings settings) {
        return settings.storage().uri() instanceof StorageUri.Directory(var path)
                ? LocalObjectStore.openForReading(LocalStoreSettings.in(path))
                : new ReadOnlyObjectStore(Stores.openObjects(settings, NamespaceStores::storeFailed));
    }

    private static void taskFailed(String loop, Throwable failure) {
        LOG.error("A task failed; this is a defect, please report it [loop={}]", loop, failure);
    }

    private static void storeFailed(StorageException failure) {
        LOG.error("The object store failed", failure);
    }

    ObjectStore objects() {
        return new RetryingObjectStore(objects, RETRIES, loop, random);
    }

    ObjectLayout layout() {
        return new ObjectLayout(settings.node().namespace());
    }

    MetadataAccess metadata() {
        return new MetadataAccess(metadata, new MetadataKeys(settings.node().namespace()), loop, random);
    }

    /** What and where both are, for people. */
    String describe() {
        return Stores.describe(settings.storage()) + " (namespace "
                + settings.node().namespace() + ") and "
                + Stores.describe(settings.metadata().uri());
    }

    @Override
    public void close() {
        metadata.close();
        objects.close();
        loop.close();
    }
}
