package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.MetadataException;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdMember;
import io.kafscale.testkit.etcd.EtcdOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where nobody answers as etcd does. */
class UnreachableTest {
    @Test
    void aPortWhereNothingListens() {
        assertRefused(plain("127.0.0.1", 1), "nothing answers there. Start etcd, or correct metadata.uri");
    }

    @Test
    void aHostThatDoesNotExist() {
        assertRefused(plain("no-such-host.invalid", 2379), "there is no such host");
    }

    @Test
    void membersWithoutAMajority(@TempDir Path directory) {
        EtcdCluster cluster = EtcdCluster.start(directory, 3, EtcdOptions.DEFAULTS);
        try {
            cluster.members().subList(1, 3).forEach(EtcdMember::kill);
            var alone = EtcdSettings.plain(List.of(EtcdTestSettings.address(cluster.member())));
            assertRefused(alone.withCallLimit(Duration.ofSeconds(1)), "whether a majority of its members runs");
        } finally {
            cluster.close();
        }
    }

    private static EtcdSettings plain(String host, int port) {
        return EtcdSettings.plain(List.of(new EtcdSettings.Address(host, port)));
    }

    private static void assertRefused(EtcdSettings settings, String why) {
        try (var store = EtcdMetadataStore.open(settings)) {
            assertThatThrownBy(() -> store.check("/kafscale/default/"))
                    .isInstanceOf(MetadataException.class)
                    .hasMessageContaining("etcd at etcd://")
                    .hasMessageContaining(why);
        }
    }
}
