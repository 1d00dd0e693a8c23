package io.kafscale.metastore.etcd;

import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdMember;

/** How tests reach their etcd. */
final class EtcdTestSettings {
    private EtcdTestSettings() {}

    /** All members, plain text. */
    static EtcdSettings of(EtcdCluster cluster) {
        return EtcdSettings.plain(
                cluster.members().stream().map(EtcdTestSettings::address).toList());
    }

    static EtcdSettings.Address address(EtcdMember member) {
        return new EtcdSettings.Address("127.0.0.1", member.port());
    }
}
