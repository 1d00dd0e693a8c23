package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TopicStoreTest {
    private static final BrokerIncarnation ONE = new BrokerIncarnation(1, 10);

    private final ClusterFixture cluster = new ClusterFixture();
    private final TopicStore topics = cluster.topics;

    @Test
    void aNewTopicHasAnIdAndADirectoryOfItsName() {
        var result = create("orders", 3, Map.of("retention.ms", "1000"));
        assertThat(result).isInstanceOfSatisfying(CreateTopicResult.Created.class, created -> {
            TopicRecord topic = created.topic();
            assertThat(topic.directory()).isEqualTo("orders");
            assertThat(topic.partitions()).isEqualTo(3);
            assertThat(topic.configs()).containsExactly(Map.entry("retention.ms", "1000"));
            assertThat(topic.generationNumber()).isEqualTo(1);
            assertThat(topic.id().version()).isEqualTo(4);
            assertThat(cluster.topic("orders")).isEqualTo(new Versioned<>(topic, created.revision()));
        });
    }

    @Test
    void aNameIsTakenOnce() {
        TopicRecord first = cluster.createTopic("orders", 3);
        var exists = new CreateTopicResult.AlreadyExists(
                first, cluster.topic("orders").modRevision());
        assertThat(create("orders", 9, Map.of())).isEqualTo(exists);
        assertThat(cluster.await(topics.validate(new NewTopic("orders", 9, Map.of()))))
                .isEqualTo(exists);
    }

    @Test
    void validatingWritesNothing() {
        var result = cluster.await(topics.validate(new NewTopic("orders", 3, Map.of())));
        assertThat(result).isInstanceOf(CreateTopicResult.Created.class);
        assertThat(cluster.keysUnder("/")).isEmpty();
    }

    @Test
    void kafkasRulesForNamesHold() {
        assertInvalid("", "Topic name is invalid: the empty string is not allowed");
        assertInvalid(".", "Topic name is invalid: '.' is not allowed");
        assertInvalid("..", "Topic name is invalid: '..' is not allowed");
        assertInvalid(
                "a".repeat(250),
                "Topic name is invalid: the length of '" + "a".repeat(250)
                        + "' is longer than the max allowed length 249");
        for (String name : List.of("a/b", "a b", "ä", "a~2", "a\u0000")) {
            assertInvalid(
                    name,
                    "Topic name is invalid: '" + name
                            + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'");
        }
        for (String name : List.of("a".repeat(249), "...", "A-z_0.9")) {
            assertThat(create(name, 1, Map.of())).isInstanceOf(CreateTopicResult.Created.class);
        }
    }

    @Test
    void namesThatDifferInDotAndUnderscoreOnlyCollide() {
        TopicRecord first = cluster.createTopic("a_b.c", 1);
        assertInvalid("a.b_c", "Topic 'a.b_c' collides with existing topics: a_b.c");
        assertThat(create("a-b-c", 1, Map.of())).isInstanceOf(CreateTopicResult.Created.class);
        cluster.await(topics.delete("a_b.c", first.id()));
        assertThat(create("a.b_c", 1, Map.of())).isInstanceOf(CreateTopicResult.Created.class);
        assertInvalid("a_b.c", "Topic 'a_b.c' collides with existing topics: a.b_c");
    }

    @Test
    void impossibleSizesAreRefused() {
        assertThat(create("a", 0, Map.of())).isInstanceOf(CreateTopicResult.InvalidPartitions.class);
        assertThat(create("a", -1, Map.of())).isInstanceOf(CreateTopicResult.InvalidPartitions.class);
        assertThat(create("a", TopicStore.MAX_PARTITIONS + 1, Map.of()))
                .isInstanceOf(CreateTopicResult.InvalidPartitions.class);
        assertThat(create("a", 1, Map.of("k", "v".repeat(TopicStore.MAX_CONFIG_BYTES))))
                .isInstanceOf(CreateTopicResult.InvalidConfigs.class);
    }

    @Test
    void eachTopicOfANameGetsAnotherIdAndDirectory() {
        var ids = new HashSet<UUID>();
        var directories = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            TopicRecord topic = cluster.createTopic("orders", 1);
            assertThat(ids.add(topic.id())).isTrue();
            directories.add(topic.directory());
            cluster.await(topics.delete("orders", topic.id()));
        }
        assertThat(directories).containsExactly("orders", "orders~2", "orders~3", "orders~4");
        assertThat(cluster.keysUnder(cluster.keys.deletedTopicsPrefix())).hasSize(4);
    }

    @Test
    void deletingLeavesATombstone() {
        TopicRecord topic = cluster.createTopic("orders", 3);
        var result = cluster.await(topics.delete("orders", topic.id()));
        assertThat(result).isInstanceOfSatisfying(DeleteTopicResult.Deleted.class, deleted -> {
            assertThat(deleted.tombstone())
                    .isEqualTo(topic.deleted(cluster.loop.time().wallClockMs()));
        });
        assertThat(cluster.keysUnder(cluster.keys.topicsPrefix())).isEmpty();
        assertThat(cluster.await(topics.delete("orders", topic.id()))).isInstanceOf(DeleteTopicResult.NotFound.class);
    }

    @Test
    void onlyTheTopicThatIsMeantIsDeleted() {
        TopicRecord first = cluster.createTopic("orders", 3);
        cluster.await(topics.delete("orders", first.id()));
        cluster.createTopic("orders", 3);
        assertThat(cluster.await(topics.delete("orders", first.id()))).isInstanceOf(DeleteTopicResult.NotFound.class);
        assertThat(cluster.topic("orders").value().directory()).isEqualTo("orders~2");
    }

    @Test
    void partitionsAreOnlyAdded() {
        cluster.createTopic("orders", 3);
        assertThat(cluster.await(topics.addPartitions("orders", 5)))
                .isInstanceOfSatisfying(
                        AlterTopicResult.Altered.class,
                        altered -> assertThat(cluster.topic("orders"))
                                .isEqualTo(new Versioned<>(altered.topic(), altered.revision())));
        assertThat(cluster.topic("orders").value().partitions()).isEqualTo(5);
        assertThat(cluster.await(topics.addPartitions("orders", 5)))
                .isEqualTo(new AlterTopicResult.Rejected(
                        "The topic orders currently has 5 partition(s); 5 would not be an increase."));
        assertThat(cluster.await(topics.addPartitions("none", 5))).isInstanceOf(AlterTopicResult.NotFound.class);
    }

    @Test
    void concurrentConfigChangesAllTakeEffect() {
        cluster.createTopic("orders", 3);
        List<CompletableFuture<AlterTopicResult>> changes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String key = "key-" + i;
            changes.add(topics.alterConfigs("orders", topic -> {
                var configs = new HashMap<>(topic.configs());
                configs.put(key, "value");
                return configs;
            }));
        }
        for (var change : changes) {
            assertThat(cluster.await(change)).isInstanceOf(AlterTopicResult.Altered.class);
        }
        assertThat(cluster.topic("orders").value().configs()).hasSize(5);
    }

    @Test
    void aTopicRemembersHowFarAheadTimestampsEverWereAllowedToLie() {
        cluster.createTopic("orders", 3);
        assertThat(cluster.topic("orders").value().timestampLeadMs()).isEqualTo(3_600_000);
        for (String lead : List.of("1000", "7200000", "60000")) {
            cluster.await(topics.alterConfigs("orders", topic -> Map.of("message.timestamp.after.max.ms", lead)));
        }
        assertThat(cluster.topic("orders").value().timestampLeadMs()).isEqualTo(7_200_000);
        cluster.await(topics.addPartitions("orders", 4));
        assertThat(cluster.topic("orders").value().timestampLeadMs()).isEqualTo(7_200_000);
    }

    @Test
    void aChangeThatChangesNothingIsNotWritten() {
        cluster.createTopic("orders", 3);
        long revision = cluster.topic("orders").modRevision();
        var result = cluster.await(topics.alterConfigs("orders", TopicRecord::configs));
        assertThat(result)
                .isInstanceOfSatisfying(
                        AlterTopicResult.Altered.class,
                        altered -> assertThat(altered.revision()).isEqualTo(revision));
        assertThat(cluster.topic("orders").modRevision()).isEqualTo(revision);
    }

    @Test
    void whatAConfigChangeThrowsReachesItsCaller() {
        cluster.createTopic("orders", 3);
        var failure = topics.alterConfigs("orders", topic -> {
            throw new IllegalArgumentException("no such config");
        });
        assertThatThrownBy(() -> cluster.await(failure))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no such config");
    }

    @Test
    void purgingRemovesEveryPartitionRecordOfTheDeletedTopicOnly() {
        TopicRecord topic = cluster.createTopic("orders", 250);
        TopicRecord other = cluster.createTopic("other", 2);
        for (String name : List.of("orders", "other")) {
            Versioned<TopicRecord> of = cluster.topic(name);
            var changes = new ArrayList<PartitionChange>();
            for (int i = 0; i < of.value().partitions(); i++) {
                changes.add(PartitionChange.create(cluster.keys, of, i, ONE));
            }
            assertThat(cluster.await(cluster.partitions.commit(changes, List.of())))
                    .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(PartitionOutcome.Applied.class));
        }
        cluster.await(topics.delete("orders", topic.id()));
        cluster.await(topics.purgePartitions(topic.deleted(0)));
        cluster.await(topics.removeTombstone(topic.id()));
        cluster.await(topics.removeTombstone(topic.id()));
        assertThat(cluster.keysUnder(cluster.keys.imagePrefix()))
                .containsExactly(
                        cluster.keys.partition(new PartitionId(other.id(), 0)),
                        cluster.keys.partition(new PartitionId(other.id(), 1)),
                        cluster.keys.topic("other"));
    }

    private CreateTopicResult create(String name, int partitions, Map<String, String> configs) {
        return cluster.await(topics.create(new NewTopic(name, partitions, configs)));
    }

    private void assertInvalid(String name, String reason) {
        assertThat(create(name, 1, Map.of())).isEqualTo(new CreateTopicResult.InvalidTopic(reason));
    }

    @Test
    void aTopicThatIsNamedLikeADirectoryOfTheNamespaceGetsADirectoryOfItsOwn() {
        assertThat(TopicRecord.directoryOf(".wal", 1)).isEqualTo(".wal~1");
        assertThat(TopicRecord.directoryOf(".wal", 2)).isEqualTo(".wal~2");
        assertThat(TopicRecord.directoryOf("orders", 1)).isEqualTo("orders");
    }
}
