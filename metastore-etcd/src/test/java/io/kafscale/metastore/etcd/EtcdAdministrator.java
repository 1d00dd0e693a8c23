package io.kafscale.metastore.etcd;

import io.kafscale.testkit.etcd.EtcdMember;

/** What an administrator does from outside. */
final class EtcdAdministrator {
    /** A zero byte in base 64: as the first key and as the end of a range it means every key. */
    private static final String EVERYTHING = "AA==";

    private EtcdAdministrator() {}

    static void deleteEverything(EtcdMember member) {
        member.call("/v3/kv/deleterange", "{\"key\":\"" + EVERYTHING + "\",\"range_end\":\"" + EVERYTHING + "\"}");
    }

    static void compact(EtcdMember member, long revision) {
        member.call("/v3/kv/compaction", "{\"revision\":" + revision + "}");
    }
}
