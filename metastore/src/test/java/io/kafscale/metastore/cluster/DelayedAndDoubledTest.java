package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.TestSeed;
import io.kafscale.metastore.UnreliableMetadataStore;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.metastore.embedded.EmbeddedSettings;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three brokers whose requests are lost, delayed for seconds and doubled: nothing they do moves anything back, whatever lands
 * whenever, and what they are told of the outcome is true.
 */
class DelayedAndDoubledTest {
    private static final int STEPS = 250;

    private final ClusterFixture cluster = new ClusterFixture(
            loop -> EmbeddedMetadataStore.inMemory(loop, new EmbeddedSettings(1 << 20, 1 << 30, 1, 1 << 30, 10_000)));
    private final WrittenHistory history = new WrittenHistory(cluster.keys);
    private final Set<Long> epochs = new HashSet<>();
    private final List<Runnable> claims = new ArrayList<>();
    private final Map<Attempt, Boolean> attempts = new HashMap<>();
    private final List<Throwable> unexpected = new ArrayList<>();
    private int settled;
    private int unsettled;

    /** One value that was to replace another; several requests may try the same. */
    private record Attempt(String key, Bytes value, long before) {
        boolean applied(WrittenHistory history) {
            return history.applied(key, value, before);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.4, 0.8})
    void nothingMovesBackAndEveryAnswerIsTrue(double trouble) {
        long seed = TestSeed.of(DelayedAndDoubledTest.class);
        var random = new SplittableRandom(seed);
        cluster.store.watch(cluster.keys.prefix(), 1, history);
        cluster.withCluster();
        List<Broker> brokers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            brokers.add(new Broker(i, random.split(), trouble));
        }
        brokers.forEach(Broker::next);
        cluster.loop.runUntil(() -> brokers.stream().allMatch(broker -> broker.stepsLeft == 0));
        cluster.loop.advance(Duration.ofMinutes(1));
        assertThat(unexpected).isEmpty();
        claims.forEach(Runnable::run);
        attempts.forEach((attempt, explained) -> assertThat(explained || !attempt.applied(history))
                .as("nobody was told of " + attempt)
                .isTrue());
        assertThat(history.writes()).isGreaterThan(100);
        assertThat(settled).isGreaterThan(unsettled);
    }

    private final class Broker {
        private final int id;
        private final SplittableRandom random;
        private final TopicStore topics;
        private final PartitionStore partitions;
        private final BrokerRegistry registry;
        private BrokerIncarnation self;
        private int stepsLeft = STEPS;

        Broker(int id, SplittableRandom random, double trouble) {
            this.id = id;
            this.random = random;
            this.self = cluster.await(cluster.registry.nextIncarnation(id));
            var store = new UnreliableMetadataStore(cluster.store, cluster.loop, random.split(), trouble);
            var access = cluster.accessOf(store, random.nextLong());
            this.topics = new TopicStore(access);
            this.partitions = new PartitionStore(access);
            this.registry = new BrokerRegistry(access);
        }

        void next() {
            if (stepsLeft == 0) {
                return;
            }
            stepsLeft--;
            step().whenComplete((done, failure) -> {
                if (failure == null) {
                    settled++;
                } else if (FutureFailure.cause(failure) instanceof MetadataException known) {
                    unsettled += known.kind() == Kind.OUTCOME_UNKNOWN ? 1 : 0;
                } else {
                    unexpected.add(failure);
                }
                cluster.loop.schedule(Duration.ofMillis(random.nextInt(50)), this::next);
            });
        }

        private CompletableFuture<?> step() {
            String name = "t" + random.nextInt(3);
            return switch (random.nextInt(10)) {
                case 0 -> create(name);
                case 1 -> delete(name);
                case 2 -> topics.addPartitions(name, 3 + random.nextInt(4));
                case 3 -> restart();
                default -> changePartitions(name);
            };
        }

        private CompletableFuture<?> create(String name) {
            return topics.create(new NewTopic(name, 3, Map.of())).thenAccept(result -> {
                if (result instanceof CreateTopicResult.Created created) {
                    claims.add(() -> assertThat(history.wrote(
                                    cluster.keys.topic(name), RecordJson.encode(created.topic()), created.revision()))
                            .isTrue());
                }
            });
        }

        private CompletableFuture<?> delete(String name) {
            return cluster.store.get(cluster.keys.topic(name)).thenCompose(stored -> {
                if (stored.isEmpty()) {
                    return CompletableFuture.completedFuture(null);
                }
                TopicRecord topic = RecordJson.topic(name, stored.get());
                return topics.delete(name, topic.id()).thenCompose(result -> {
                    if (!(result instanceof DeleteTopicResult.Deleted deleted)) {
                        return CompletableFuture.completedFuture(null);
                    }
                    claims.add(() -> assertThat(history.wrote(
                                    cluster.keys.deletedTopic(topic.id()),
                                    RecordJson.encode(deleted.tombstone()),
                                    deleted.revision()))
                            .isTrue());
                    return topics.purgePartitions(deleted.tombstone());
                });
            });
        }

        /** A new incarnation; the stream of the old one goes through its life. */
        private CompletableFuture<?> restart() {
            BrokerIncarnation old = self;
            return registry.nextIncarnation(id).thenCompose(incarnation -> {
                assertThat(epochs.add(incarnation.brokerEpoch())).isTrue();
                self = incarnation;
                var registration = new BrokerRegistration(incarnation, "127.0.0.1", 9092, null, "test", 0);
                return registry.register(registration, Duration.ofSeconds(1)).thenCompose(result -> {
                    if (!(result instanceof RegisterResult.Registered registered)) {
                        return CompletableFuture.completedFuture(null);
                    }
                    CompletableFuture<?> ended = registered.lease().revoke();
                    return ended.thenCompose(done -> registry.markClosing(old))
                            .thenCompose(done -> registry.markSealed(old, 1 + random.nextInt(3)));
                });
            });
        }

        private CompletableFuture<?> changePartitions(String name) {
            return cluster.store.get(cluster.keys.topic(name)).thenCompose(stored -> {
                if (stored.isEmpty()) {
                    return CompletableFuture.completedFuture(null);
                }
                var topic = new Versioned<>(
                        RecordJson.topic(name, stored.get()), stored.get().modRevision());
                return cluster.partitions.ofTopic(topic.value().id()).thenCompose(known -> {
                    List<PartitionChange> changes = changes(topic, known);
                    return partitions.commit(changes, List.of()).thenAccept(outcomes -> {
                        for (int i = 0; i < changes.size(); i++) {
                            claim(changes.get(i), outcomes.get(i));
                        }
                    });
                });
            });
        }

        private List<PartitionChange> changes(
                Versioned<TopicRecord> topic, Map<Integer, Versioned<PartitionRecord>> known) {
            var changes = new ArrayList<PartitionChange>();
            for (int i = 0; i < topic.value().partitions(); i++) {
                Versioned<PartitionRecord> read = known.get(i);
                changes.add(
                        read == null
                                ? PartitionChange.create(cluster.keys, topic, i, self)
                                : PartitionChange.update(read, move(read.value())));
            }
            return changes;
        }

        private PartitionRecord move(PartitionRecord record) {
            PartitionRecord moved = record;
            if (record.leader() == null) {
                moved = record.acquire(self);
            } else if (!record.ledBy(self)) {
                long end = record.coveredOffset() + 10;
                end = Math.max(end, record.tenures().getLast().startOffset() + random.nextInt(5));
                moved = record.advanceSegmentEnd(end).takeOver(self, end);
            } else if (random.nextInt(4) == 0) {
                long end = Math.max(
                        record.coveredOffset(), record.tenures().getLast().startOffset());
                moved = record.release(end + random.nextInt(3));
            }
            long more = moved.leader() == null ? 0 : random.nextInt(5);
            moved = moved.advanceSegmentEnd(moved.segmentEndOffset() + more);
            return moved.advanceLogStart(moved.logStartOffset() + (moved.leader() == null ? 0 : random.nextInt(3)));
        }

        /**
         * What is applied in the end, when everything has landed that ever will, must have been known when the answer came, or be
         * the doing of a request whose answer says so.
         */
        private void claim(PartitionChange change, PartitionOutcome outcome) {
            String key = cluster.keys.partition(change.record().id());
            var attempt = new Attempt(key, RecordJson.encode(change.record()), change.expectedModRevision());
            boolean doubtful = outcome instanceof PartitionOutcome.Failed failed
                    && failed.cause().kind() == Kind.OUTCOME_UNKNOWN;
            settled += doubtful ? 0 : 1;
            unsettled += doubtful ? 1 : 0;
            if (outcome instanceof PartitionOutcome.Applied applied) {
                claims.add(() -> assertThat(history.wrote(key, attempt.value(), applied.modRevision()))
                        .isTrue());
            }
            attempts.merge(attempt, doubtful || attempt.applied(history), Boolean::logicalOr);
        }
    }
}
