package io.kafscale.metastore.etcd;

import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ThreeNodesContractTest extends EtcdContract {
    @TempDir
    static Path directory;

    private static EtcdCluster cluster;

    @BeforeAll
    static void startEtcd() {
        cluster = EtcdCluster.start(directory, 3, EtcdOptions.DEFAULTS);
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
