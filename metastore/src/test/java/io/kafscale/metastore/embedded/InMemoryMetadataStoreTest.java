package io.kafscale.metastore.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.MetadataStoreContract;
import io.kafscale.runtime.ThreadEventLoop;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

class InMemoryMetadataStoreTest extends MetadataStoreContract {
    private final ThreadEventLoop loop = new ThreadEventLoop("metadata", (name, failure) -> {});
    private final EmbeddedMetadataStore store = EmbeddedMetadataStore.inMemory(loop);

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
