package io.kafscale.metastore.etcd;

import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.MetadataStoreContract;
import io.kafscale.testkit.etcd.EtcdCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** The contract of metadata stores, over an etcd that all tests of a class share. */
abstract class EtcdContract extends MetadataStoreContract {
    private final List<EtcdMetadataStore> stores = new ArrayList<>();

    abstract EtcdCluster cluster();

    @Override
    protected MetadataStore emptyStore() {
        EtcdAdministrator.deleteEverything(cluster().member());
        return anotherClient();
    }

    @Override
    protected MetadataStore anotherClient() {
        var store = EtcdMetadataStore.open(EtcdTestSettings.of(cluster()));
        stores.add(store);
        return store;
    }

    @Override
    protected void compact(long revision) {
        EtcdAdministrator.compact(cluster().member(), revision);
    }

    @Override
    protected Duration shortestLease() {
        // etcd makes two seconds of anything less: one and a half of its elections.
        return Duration.ofSeconds(2);
    }

    @AfterEach
    void closeStores() {
        stores.forEach(EtcdMetadataStore::close);
    }
}
