package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SettledCommitsTest {
    private final ClusterFixture cluster = new ClusterFixture().withCluster();
    private final ScriptedStore scripted = new ScriptedStore(cluster.store);
    private final MetadataAccess access = cluster.accessOf(scripted, 7);
    private final TopicStore topics = new TopicStore(access);
    private final PartitionStore partitions = new PartitionStore(access);
    private final BrokerRegistry registry = new BrokerRegistry(access);

    @Test
    void aCommitWhoseAnswerWasLostIsKnownForOnesOwn() {
        scripted.next(Fate.ANSWER_LOST);
        var created = cluster.await(topics.create(new NewTopic("orders", 2, Map.of())));
        assertThat(created)
                .isInstanceOfSatisfying(
                        CreateTopicResult.Created.class,
                        result -> assertThat(cluster.topic("orders"))
                                .isEqualTo(new Versioned<>(result.topic(), result.revision())));

        scripted.next(Fate.ANSWER_LOST);
        var altered = cluster.await(topics.addPartitions("orders", 3));
        assertThat(altered)
                .isInstanceOfSatisfying(
                        AlterTopicResult.Altered.class,
                        result -> assertThat(cluster.topic("orders"))
                                .isEqualTo(new Versioned<>(result.topic(), result.revision())));

        scripted.next(Fate.ANSWER_LOST);
        var change = PartitionChange.create(cluster.keys, cluster.topic("orders"), 0, new BrokerIncarnation(1, 1));
        assertThat(cluster.await(partitions.commit(List.of(change), List.of())).getFirst())
                .isInstanceOf(PartitionOutcome.Applied.class);

        scripted.next(Fate.ANSWER_LOST);
        var deleted = cluster.await(
                topics.delete("orders", cluster.topic("orders").value().id()));
        assertThat(deleted).isInstanceOf(DeleteTopicResult.Deleted.class);
    }

    @Test
    void aRegistrationWhoseAnswerWasLostIsKnownForOnesOwn() {
        BrokerIncarnation incarnation = cluster.await(registry.nextIncarnation(1));
        var registration = new BrokerRegistration(incarnation, "127.0.0.1", 9092, null, "test", 0);
        scripted.next(Fate.ANSWER_LOST);
        var result = cluster.await(registry.register(registration, Duration.ofSeconds(9)));
        assertThat(result).isInstanceOfSatisfying(RegisterResult.Registered.class, registered -> {
            assertThat(cluster.await(cluster.store.get(cluster.keys.broker(1))).orElseThrow())
                    .satisfies(stored -> {
                        assertThat(stored.leaseId())
                                .isEqualTo(registered.lease().id());
                        assertThat(stored.modRevision())
                                .isEqualTo(registered.registration().modRevision());
                    });
        });
    }

    @Test
    void numbersWhoseAnswerWasLostAreNotLost() {
        var ids = new ProducerIdStore(access);
        ProducerIdBlock first = cluster.await(ids.next(10));
        scripted.next(Fate.ANSWER_LOST);
        assertThat(cluster.await(ids.next(10)).firstId()).isEqualTo(first.endId());
    }

    @Test
    void aCommitThatNeverArrivedIsSentAgain() {
        scripted.next(Fate.DOUBTFUL_BUT_LOST);
        scripted.next(Fate.DOUBTFUL_BUT_LOST);
        assertThat(cluster.await(topics.create(new NewTopic("orders", 2, Map.of()))))
                .isInstanceOf(CreateTopicResult.Created.class);
        assertThat(cluster.topic("orders").value().generationNumber()).isEqualTo(1);
    }

    @Test
    void aCommitThatSurelyFailedIsReportedAtOnce() {
        scripted.next(Fate.UNAVAILABLE);
        assertThat(kindOf(topics.create(new NewTopic("orders", 2, Map.of())))).isEqualTo(Kind.UNAVAILABLE);
        assertThat(scripted.commits).isEqualTo(1);
        assertThat(cluster.keysUnder(cluster.keys.topicsPrefix())).isEmpty();
    }

    @Test
    void aDoubtThatCannotBeSettledIsReportedAsOne() {
        scripted.next(Fate.ANSWER_LOST);
        for (int i = 0; i < 100; i++) {
            scripted.next(Fate.UNAVAILABLE);
        }
        assertThat(kindOf(topics.create(new NewTopic("orders", 2, Map.of())))).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(scripted.commits).isBetween(3, 20);
        assertThat(cluster.topic("orders")).isNotNull();
    }

    @Test
    void whatSomebodyElseWroteIsAConflictEvenInDoubt() {
        cluster.createTopic("orders", 2);
        Versioned<TopicRecord> before = cluster.topic("orders");
        scripted.next(Fate.DOUBTFUL_BUT_LOST);
        scripted.meanwhile(() -> cluster.topics.alterConfigs("orders", topic -> Map.of("theirs", "1")));
        var altered = cluster.await(topics.alterConfigs("orders", topic -> {
            var configs = new HashMap<>(topic.configs());
            configs.put("ours", "1");
            return configs;
        }));
        assertThat(altered).isInstanceOf(AlterTopicResult.Altered.class);
        assertThat(cluster.topic("orders").value().configs()).containsOnlyKeys("theirs", "ours");
        assertThat(before.value().configs()).isEmpty();
    }

    @Test
    void aKeyThatIsNotComparedIsNotOverwritten() {
        var commits = new SettledCommits(access);
        assertThatThrownBy(() -> commits.commit(
                        Transaction.builder().put("/k", Bytes.EMPTY).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/k");
    }

    private Kind kindOf(CompletableFuture<?> future) {
        try {
            throw new AssertionError("no failure but " + cluster.await(future));
        } catch (MetadataException failure) {
            return failure.kind();
        }
    }

    private enum Fate {
        ANSWER_LOST,
        DOUBTFUL_BUT_LOST,
        UNAVAILABLE
    }

    /** Does to the next commits what it is told. */
    private static final class ScriptedStore extends ForwardingMetadataStore {
        private final MetadataStore store;
        private final Deque<Fate> fates = new ArrayDeque<>();
        private Runnable meanwhile = () -> {};
        private int commits;

        ScriptedStore(MetadataStore store) {
            super(store);
            this.store = store;
        }

        void next(Fate fate) {
            fates.add(fate);
        }

        void meanwhile(Runnable task) {
            meanwhile = task;
        }

        @Override
        public CompletableFuture<CommitResult> commit(Transaction transaction) {
            commits++;
            var doubt = new MetadataException(Kind.OUTCOME_UNKNOWN, "no answer");
            return switch (fates.poll()) {
                case null -> store.commit(transaction);
                case UNAVAILABLE ->
                    CompletableFuture.failedFuture(new MetadataException(Kind.UNAVAILABLE, "not reached"));
                case ANSWER_LOST -> {
                    var result = new CompletableFuture<CommitResult>();
                    store.commit(transaction).whenComplete((answer, failure) -> result.completeExceptionally(doubt));
                    yield result;
                }
                case DOUBTFUL_BUT_LOST -> {
                    meanwhile.run();
                    yield CompletableFuture.failedFuture(doubt);
                }
            };
        }
    }
}
