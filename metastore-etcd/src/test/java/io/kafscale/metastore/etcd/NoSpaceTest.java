package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoSpaceTest {
    private static final long QUOTA = 4 << 20;
    private static final Bytes LARGE = Bytes.copyOf(new byte[512 << 10]);

    @TempDir
    Path directory;

    @Test
    void aFullDatabaseRefusesWritesUntilItIsMended() {
        try (var cluster = EtcdCluster.start(directory, 1, EtcdOptions.DEFAULTS.withQuota(QUOTA));
                var store = EtcdMetadataStore.open(EtcdTestSettings.of(cluster))) {
            // Given
            var user = new StoreUser(store);
            long small = user.put("/small", "x");
            StoreUser.until("it is full", () -> refusal(store, "/large") == Kind.NO_SPACE);
            // When nothing has been done about it
            assertThat(refusal(store, "/small")).isEqualTo(Kind.NO_SPACE);
            assertThat(user.get("/small").orElseThrow().modRevision()).isEqualTo(small);
            assertThatThrownBy(() -> store.check("/"))
                    .isInstanceOf(MetadataException.class)
                    .hasMessageContaining("its database is full")
                    .hasMessageContaining("alarm disarm");
            // Then room can be made, and the store goes on
            long last = user.committed(Transaction.builder().delete("/large"));
            StoreUser.await(store.compact(last));
            EtcdAdministrator.defragment(cluster.member());
            EtcdAdministrator.disarm(cluster.member());
            assertThat(user.put("/small", "y")).isGreaterThan(last);
            store.check("/");
        }
    }

    private static Kind refusal(EtcdMetadataStore store, String key) {
        var write = Transaction.builder().put(key, LARGE).build();
        return StoreUser.await(store.commit(write)
                .handle((answer, failure) ->
                        failure instanceof MetadataException known ? known.kind() : Kind.OUTCOME_UNKNOWN));
    }
}
