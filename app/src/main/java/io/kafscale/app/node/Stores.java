package io.kafscale.app.node;

import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.KafscaleSettings.Storage;
import io.kafscale.app.settings.MetadataUri;
import io.kafscale.app.settings.StorageUri;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.metastore.etcd.EtcdMetadataStore;
import io.kafscale.metastore.etcd.EtcdSettings;
import io.kafscale.objectstore.InMemoryObjectStore;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.local.LocalObjectStore;
import io.kafscale.objectstore.local.LocalStoreSettings;
import io.kafscale.objectstore.s3.S3ObjectStore;
import io.kafscale.objectstore.s3.S3Settings;
import io.kafscale.objectstore.s3.S3Timeouts;
import io.kafscale.runtime.EventLoop;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the stores that settings name. Whoever opens one closes it. Blocks; for the main thread. */
public final class Stores {
    private static final Logger LOG = LoggerFactory.getLogger(Stores.class);
    private static final int S3_CALLS_AT_A_TIME = 32;

    private Stores() {}

    /**
     * The object store of a broker, checked as far as one can without writing: the directory is ours, the bucket is there, may be
     * listed and deletes nothing by itself.
     *
     * @param onFailure told once, on any thread, that the store's disk failed and only another start mends that
     * @throws StorageException if it cannot be used; the message says why and how to mend it
     */
    public static ObjectStore openObjects(KafscaleSettings settings, Consumer<StorageException> onFailure) {
        return switch (settings.storage().uri()) {
            case StorageUri.Directory(var path) -> {
                var store = LocalObjectStore.open(LocalStoreSettings.in(path));
                store.failed().thenAccept(onFailure);
                yield store;
            }
            case StorageUri.Memory() -> InMemoryObjectStore.inline();
            case StorageUri.S3 bucket -> openChecked(bucket, settings);
        };
    }

    private static ObjectStore openChecked(StorageUri.S3 bucket, KafscaleSettings settings) {
        var store = openBucket(bucket, settings.storage().s3());
        try {
            store.checkBucket(settings.node().namespace())
                    .join()
                    .warnings()
                    .forEach(warning -> LOG.warn("{}: {}", bucket, warning));
            return store;
        } catch (CompletionException refused) {
            store.close();
            throw refused.getCause() instanceof RuntimeException cause ? cause : refused;
        }
    }

    /** The part of a bucket below a prefix. Sends nothing yet. */
    public static S3ObjectStore openBucket(StorageUri.S3 bucket, KafscaleSettings.S3 how) {
        return S3ObjectStore.open(new S3Settings(
                bucket.bucket(),
                bucket.prefix(),
                how.endpoint().orElse(null),
                how.region().orElse(null),
                how.pathStyle(),
                how.checksums(),
                S3Timeouts.DEFAULT,
                S3_CALLS_AT_A_TIME));
    }

    /**
     * The metadata store of a broker, checked as far as one can without writing.
     *
     * @param loop where its futures, listeners and timers run; must outlive it
     * @param onFailure told once, on the loop, that the store's disk failed and only another start mends that
     * @throws io.kafscale.metastore.MetadataException if it cannot be used; the message says why
     */
    public static MetadataStore openMetadata(
            KafscaleSettings settings, EventLoop loop, Consumer<MetadataException> onFailure) {
        return switch (settings.metadata().uri()) {
            case MetadataUri.Directory(var path) -> {
                var store = EmbeddedMetadataStore.open(path, loop);
                store.failed().thenAccept(onFailure);
                yield store;
            }
            case MetadataUri.Memory() -> EmbeddedMetadataStore.inMemory(loop);
            case MetadataUri.Etcd etcd ->
                openChecked(
                        etcd,
                        settings.metadata().etcd(),
                        new MetadataKeys(settings.node().namespace()));
        };
    }

    private static MetadataStore openChecked(MetadataUri.Etcd etcd, KafscaleSettings.Etcd how, MetadataKeys keys) {
        var plain = EtcdSettings.plain(etcd.endpoints().stream()
                .map(endpoint -> new EtcdSettings.Address(endpoint.host(), endpoint.port()))
                .toList());
        var encrypted = etcd.tls() ? plain.withTls(how.tls()) : plain;
        var store = EtcdMetadataStore.open(
                how.credentials().map(encrypted::withCredentials).orElse(encrypted));
        try {
            store.check(keys.prefix());
            return store;
        } catch (MetadataException refused) {
            store.close();
            throw refused;
        }
    }

    /** Where an object store is, as people want to read it: an absolute path for a directory. */
    public static String describe(Storage storage) {
        return storage.uri() instanceof StorageUri.Directory(var path)
                ? "file://" + path.toAbsolutePath()
                : storage.uri().toString();
    }

    /** Where a metadata store is, as people want to read it: an absolute path for a directory. */
    public static String describe(MetadataUri metadata) {
        return metadata instanceof MetadataUri.Directory(var path)
                ? "file://" + path.toAbsolutePath()
                : metadata.toString();
    }
}
