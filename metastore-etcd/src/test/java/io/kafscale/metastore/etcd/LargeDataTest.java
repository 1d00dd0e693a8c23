package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.testkit.etcd.EtcdCluster;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More than fits one message. */
class LargeDataTest {
    private static final int REVISIONS = 40;
    private static final int KEYS = 10;
    private static final Bytes TENTH_OF_A_MEGABYTE = Bytes.copyOf(new byte[100_000]);

    @TempDir
    Path directory;

    private EtcdCluster cluster;
    private EtcdMetadataStore store;
    private StoreUser user;

    @BeforeEach
    void start() {
        cluster = EtcdCluster.startSingle(directory);
        store = EtcdMetadataStore.open(EtcdTestSettings.of(cluster));
        user = new StoreUser(store);
    }

    @AfterEach
    void stop() {
        store.close();
        cluster.close();
    }

    @Test
    void aListingBeyondTheLargestAnswerIsReadInPages() {
        writeFortyMegabytes();
        RangeResult found = user.range("/w/");
        assertThat(found.keys()).hasSize(REVISIONS * KEYS);
        assertThat(found.keys()).extracting(KeyValue::key).isSorted().doesNotHaveDuplicates();
        assertThat(found.keys()).allSatisfy(key -> assertThat(key.value()).isEqualTo(TENTH_OF_A_MEGABYTE));
    }

    @Test
    void aWatchThatHasFortyMegabytesToCatchUpSeesEachRevisionWhole() throws Exception {
        // Given
        long first = user.range("/").revision() + 1;
        writeFortyMegabytes();
        var watch = new RecordedWatch();
        // When
        try (var _ = store.watch("/w/", first, watch)) {
            watch.awaitChanges(REVISIONS * KEYS);
        }
        // Then
        assertThat(watch.changes())
                .extracting(LargeDataTest::revision)
                .containsExactlyElementsOf(IntStream.range(0, REVISIONS * KEYS)
                        .mapToObj(i -> first + i / KEYS)
                        .toList());
        for (RecordedWatch.Report report : watch.reports()) {
            assertThat(report.changes().size() % KEYS).isZero();
            assertThat(revision(report.changes().getLast())).isEqualTo(report.revision());
        }
    }

    @Test
    void aListingOfManyKeysIsOfOneRevision() {
        for (int t = 0; t < 20; t++) {
            var transaction = Transaction.builder();
            for (int i = 0; i < Transaction.MAX_OPERATIONS; i++) {
                transaction.put("/k/%05d".formatted(t * Transaction.MAX_OPERATIONS + i), Bytes.EMPTY);
            }
            user.committed(transaction);
        }
        assertThat(user.range("/k/").keys())
                .extracting(KeyValue::key)
                .containsExactlyElementsOf(IntStream.range(0, 20 * Transaction.MAX_OPERATIONS)
                        .mapToObj("/k/%05d"::formatted)
                        .toList());
    }

    @Test
    void aTransactionOfTheMostBytesPasses() {
        var transaction = Transaction.builder();
        int each = Transaction.MAX_BYTES / Transaction.MAX_OPERATIONS - 12;
        for (int i = 0; i < Transaction.MAX_OPERATIONS; i++) {
            String key = "/%05d".formatted(i);
            transaction.requireAbsent(key).put(key, Bytes.copyOf(new byte[each]));
        }
        assertThat(transaction.sizeInBytes()).isBetween(Transaction.MAX_BYTES - 100L, (long) Transaction.MAX_BYTES);
        user.committed(transaction);
        var single = Transaction.builder().put("/one", Bytes.copyOf(new byte[Transaction.MAX_BYTES - 4]));
        assertThat(single.sizeInBytes()).isEqualTo(Transaction.MAX_BYTES);
        user.committed(single);
    }

    private void writeFortyMegabytes() {
        for (int revision = 0; revision < REVISIONS; revision++) {
            var transaction = Transaction.builder();
            for (int key = 0; key < KEYS; key++) {
                transaction.put("/w/" + revision + "/" + key, TENTH_OF_A_MEGABYTE);
            }
            user.committed(transaction);
        }
    }

    private static long revision(Change change) {
        return switch (change) {
            case Change.Put put -> put.now().modRevision();
            case Change.Deleted deleted -> deleted.modRevision();
        };
    }
}
