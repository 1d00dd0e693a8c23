package io.kafscale.metastore.etcd;

import io.kafscale.testkit.etcd.EtcdCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class SingleNodeContractTest extends EtcdContract {
    @TempDir
    static Path directory;

    private static EtcdCluster cluster;

    @BeforeAll
    static void startEtcd() {
        cluster = EtcdCluster.startSingle(directory);
    }

    @AfterAll
    static void stopEtcd() {
        cluster.close();
    }

    @Override
    EtcdCluster cluster() {
        return cluster;
    }
}
