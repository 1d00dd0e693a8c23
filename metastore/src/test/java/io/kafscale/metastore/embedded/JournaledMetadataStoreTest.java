package io.kafscale.metastore.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.MetadataStoreContract;
import io.kafscale.runtime.ThreadEventLoop;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class JournaledMetadataStoreTest extends MetadataStoreContract {
    private final ThreadEventLoop loop = new ThreadEventLoop("metadata", (name, failure) -> {});
    private final EmbeddedMetadataStore store;

    JournaledMetadataStoreTest(@TempDir Path directory) {
        store = EmbeddedMetadataStore.open(directory.resolve("deep/metadata"), loop);
    }

    @Override
    protected MetadataStore emptyStore() {
        return store;
    }

    @Override
    protected MetadataStore anotherClient() {
        return store.client();
    }

    @Override
    protected void compact(long revision) throws Exception {
        store.compact(revision).get(10, SECONDS);
    }

    @Override
    protected Duration shortestLease() {
        return Duration.ofMillis(300);
    }

    @AfterEach
    void close() {
        store.close();
        loop.close();
    }
}
