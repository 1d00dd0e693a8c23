package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.MetadataException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RestoreStoreTest {
    private static final BrokerIncarnation ONE = new BrokerIncarnation(1, 10);
    private static final TopicRecord TOPIC =
            new TopicRecord(new UUID(1, 2), "a.b", "a.b~3", 250, Map.of(), 1_700_000_000_000L, 3, 7);

    private final ClusterFixture fixture = new ClusterFixture();
    private final MetadataAccess access = fixture.accessOf(fixture.store, 2);
    private final RestoreStore restore = new RestoreStore(access);

    private static List<RestoredRecord> records() {
        var records = new ArrayList<RestoredRecord>();
        records.add(new RestoredRecord.Stream(new StreamRecord(ONE, StreamRecord.State.SEALED, 7L)));
        records.add(new RestoredRecord.Tombstone(new TopicTombstone(new UUID(3, 4), "a.b", "a.b", 1, 5)));
        records.add(new RestoredRecord.Generation("a.b", 3));
        records.add(new RestoredRecord.Topic(TOPIC));
        records.add(new RestoredRecord.Claim("a.b"));
        for (int partition = 0; partition < TOPIC.partitions(); partition++) {
            records.add(
                    new RestoredRecord.Partition(new PartitionRecord(TOPIC.id(), partition, null, 9, 0, 0, List.of())));
        }
        return records;
    }

    private Throwable failure(CompletableFuture<?> future) {
        return fixture.await(future.handle((_, failure) -> {
            if (failure == null) {
                throw new AssertionError("it did not fail");
            }
            return failure;
        }));
    }

    private StoredNamespace read() {
        return fixture.await(new NamespaceReader(access).read());
    }

    @Test
    void writesWhatIsNotThereAndOnlyThat() {
        assertThat(fixture.await(restore.write(records(), Optional.empty()))).isEqualTo(255);
        StoredNamespace stored = read();
        assertThat(stored.unreadable()).isEmpty();
        assertThat(stored.topics().get("a.b")).extracting(Versioned::value).isEqualTo(TOPIC);
        assertThat(stored.topicIn("a.b~3")).isEqualTo(TOPIC);
        assertThat(stored.tombstoneOf("a.b")).extracting(TopicTombstone::id).isEqualTo(new UUID(3, 4));
        assertThat(stored.partitions()).hasSize(250);
        assertThat(stored.claims()).containsEntry("a_b", "a.b");
        assertThat(stored.generation("a.b")).isEqualTo(3);
        assertThat(stored.streams()).containsKey(ONE);
        assertThat(fixture.await(restore.write(records(), Optional.empty()))).isZero();
    }

    @Test
    void countersNeverGoBack() {
        fixture.await(restore.write(List.of(new RestoredRecord.Generation("orders", 5)), Optional.empty()));
        fixture.await(restore.write(List.of(new RestoredRecord.Generation("orders", 2)), Optional.empty()));
        assertThat(read().generation("orders")).isEqualTo(5);
    }

    @Test
    void removesWhatShallNotBe() {
        fixture.await(restore.write(records(), Optional.empty()));
        fixture.await(restore.write(
                List.of(new RestoredRecord.NoTopic("a.b"), new RestoredRecord.NoClaim("a_b")), Optional.empty()));
        assertThat(read().topics()).isEmpty();
        assertThat(read().claims()).isEmpty();
    }

    @Test
    void theClusterRecordIsTheLastAndShutsOutEveryOtherRestoration() {
        fixture.await(restore.write(records(), Optional.empty()));
        var cluster = new ClusterRecord("cluster", 4, 1);
        fixture.await(restore.finish(cluster, Optional.empty()));
        assertThat(read().cluster().map(Versioned::value)).contains(cluster);
        var late = List.<RestoredRecord>of(new RestoredRecord.Generation("late", 1));
        assertThat(failure(restore.write(late, Optional.empty()))).isInstanceOf(MetadataException.class);
        assertThat(failure(restore.finish(cluster, Optional.empty()))).isInstanceOf(MetadataException.class);
    }

    @Test
    void numbersGoOnAboveThoseOfEarlierGenerations() {
        fixture.await(restore.finish(new ClusterRecord("cluster", 2, 1), Optional.empty()));
        assertThat(fixture.await(new BrokerRegistry(access).nextIncarnation(1)).brokerEpoch())
                .isEqualTo((2L << 48) + 1);
        assertThat(fixture.await(new ProducerIdStore(access).next(10)).firstId())
                .isEqualTo((2L << 48) + 1);
        var created = (CreateTopicResult.Created)
                fixture.await(new TopicStore(access).create(new NewTopic("orders", 1, Map.of())));
        assertThat(created.topic().directory()).isEqualTo("orders~2001");
        assertThat(new ClusterRecord("cluster", ClusterRecord.MAX_RESTORE_GENERATION, 1).leaderEpochsFrom())
                .isPositive();
    }
}
