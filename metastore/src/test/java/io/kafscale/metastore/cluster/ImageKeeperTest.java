package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.TestSeed;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ImageKeeperTest {
    private static final BrokerIncarnation ONE = new BrokerIncarnation(1, 10);

    private final ClusterFixture cluster = new ClusterFixture().withCluster();
    private final CuttableStore followed = new CuttableStore(cluster.store);
    private final ImageKeeper keeper = new ImageKeeper(cluster.accessOf(followed, 5));
    private final List<ClusterDelta> deltas = new ArrayList<>();

    @Test
    void theFirstImageShowsWhatIsThere() {
        TopicRecord topic = cluster.createTopic("orders", 2);
        assertThat(keeper.image()).isSameAs(ClusterImage.EMPTY);
        ClusterImage image = cluster.await(keeper.start());
        assertThat(image).isSameAs(keeper.image());
        assertThat(image.topic("orders").orElseThrow().value()).isEqualTo(topic);
        assertThat(image.topic(topic.id())).isEqualTo(image.topic("orders"));
        assertThat(image.topics()).hasSize(1);
    }

    @Test
    void aChangeIsPublishedAndAwaited() {
        cluster.await(keeper.start());
        keeper.addListener((before, now, delta) -> deltas.add(delta));
        var result = cluster.await(cluster.topics.create(new NewTopic("orders", 2, Map.of())));
        if (!(result instanceof CreateTopicResult.Created created)) {
            throw new AssertionError(result.toString());
        }
        ClusterImage image = cluster.await(keeper.awaitRevision(created.revision()));
        assertThat(image.topic("orders").orElseThrow()).isEqualTo(new Versioned<>(created.topic(), created.revision()));
        assertThat(deltas).hasSize(1);
        assertThat(deltas.getLast().createdTopics())
                .containsExactly(created.topic().id());
    }

    @Test
    void anOlderImageStaysAsItWas() {
        cluster.createTopic("orders", 2);
        ClusterImage before = cluster.await(keeper.start());
        cluster.await(cluster.topics.addPartitions("orders", 7));
        cluster.loop.runReady();
        assertThat(before.topic("orders").orElseThrow().value().partitions()).isEqualTo(2);
        assertThat(keeper.image().topic("orders").orElseThrow().value().partitions())
                .isEqualTo(7);
    }

    @Test
    void deletedAndCreatedAgainSeenAsOneStepStillReportsTheDeletedId() {
        TopicRecord old = cluster.createTopic("orders", 2);
        cluster.await(keeper.start());
        keeper.addListener((before, now, delta) -> deltas.add(delta));
        cluster.loop.runReady();
        followed.cut();
        cluster.loop.runReady();
        cluster.await(cluster.topics.delete("orders", old.id()));
        TopicRecord young = cluster.createTopic("orders", 2);
        assertThat(deltas).hasSize(1);
        followed.tellCompacted();
        cluster.loop.runReady();
        assertThat(deltas).hasSize(2);
        ClusterDelta delta = deltas.getLast();
        assertThat(delta.deletedTopics()).containsExactly(old.id());
        assertThat(delta.createdTopics()).containsExactly(young.id());
        assertThat(delta.tombstones()).containsExactly(old.id());
        assertThat(keeper.image().topic(old.id())).isEmpty();
        assertThat(keeper.image().topic("orders").orElseThrow().value()).isEqualTo(young);
    }

    @Test
    void aStoreThatCannotBeReachedIsAskedAgain() {
        followed.failRanges(5);
        cluster.createTopic("orders", 2);
        assertThat(cluster.await(keeper.start()).topic("orders")).isPresent();
    }

    @Test
    void whatIsToldTwiceCountsOnce() {
        cluster.await(keeper.start());
        TopicRecord topic = cluster.createTopic("orders", 2);
        cluster.loop.runReady();
        Versioned<TopicRecord> first = cluster.topic("orders");
        cluster.await(cluster.topics.addPartitions("orders", 7));
        cluster.loop.runReady();
        var stale = new KeyValue(
                cluster.keys.topic("orders"), RecordJson.encode(topic), first.modRevision(), first.modRevision(), 0);
        followed.repeat(first.modRevision(), List.of(new Change.Put(stale)));
        cluster.loop.runReady();
        assertThat(keeper.image().topic("orders").orElseThrow().value().partitions())
                .isEqualTo(7);
    }

    @Test
    void aValueThatCannotBeReadLeavesWhatWasKnown() {
        cluster.createTopic("orders", 2);
        cluster.await(keeper.start());
        put(cluster.keys.topic("orders"), "{\"v\":99}");
        put(cluster.keys.topic("other"), "rubbish");
        put(cluster.keys.imagePrefix() + "of-a-later-version/x", "{}");
        put(cluster.keys.partitionsPrefix() + "no-uuid/0", "{}");
        put(cluster.keys.brokersPrefix() + "+1", "{}");
        TopicRecord more = cluster.createTopic("more", 1);
        cluster.loop.runReady();
        ClusterImage image = keeper.image();
        assertThat(image.topic("orders").orElseThrow().value().partitions()).isEqualTo(2);
        assertThat(image.topic("other")).isEmpty();
        assertThat(image.topic("more").orElseThrow().value()).isEqualTo(more);
        followed.tellCompacted();
        cluster.loop.runReady();
        assertThat(keeper.image().sameContentAs(image)).isTrue();
    }

    @Test
    void aListenerThatFailsDoesNotKeepTheOthersFromBeingTold() {
        cluster.await(keeper.start());
        keeper.addListener((before, now, delta) -> {
            throw new IllegalStateException("a bug");
        });
        keeper.addListener((before, now, delta) -> deltas.add(delta));
        cluster.createTopic("orders", 2);
        cluster.loop.runReady();
        assertThat(deltas.getLast().createdTopics()).hasSize(1);
    }

    @Test
    void aClosedKeeperSaysSo() {
        cluster.await(keeper.start());
        var waiting = keeper.awaitRevision(1_000_000);
        keeper.close();
        assertThatThrownBy(() -> cluster.await(waiting)).isInstanceOf(MetadataException.class);
        cluster.createTopic("orders", 2);
        cluster.loop.runReady();
        assertThat(keeper.image().topics()).isEmpty();
    }

    /** Random histories, with the watch cut and compacted now and then: the image is what the store holds, the deltas add up. */
    @Test
    void theImageIsWhatTheStoreHolds() {
        long seed = TestSeed.of(ImageKeeperTest.class);
        var random = new Random(seed);
        cluster.await(keeper.start());
        var follower = new Follower();
        keeper.addListener(follower);
        var history = new History(random);
        boolean cut = false;
        for (int step = 0; step < 1_500; step++) {
            history.step();
            if (!cut && random.nextInt(40) == 0) {
                followed.cut();
                cut = true;
            } else if (cut && random.nextInt(10) == 0) {
                followed.failRanges(random.nextInt(3));
                followed.tellCompacted();
                cluster.loop.advance(Duration.ofSeconds(1));
                cut = false;
            }
            if (!cut && random.nextInt(10) == 0) {
                cluster.loop.runReady();
                checkAgainstStore(keeper.image());
                follower.check(keeper.image());
            }
        }
        assertThat(follower.told).isGreaterThan(300);
    }

    private void checkAgainstStore(ClusterImage image) {
        Map<String, Object> expected = new HashMap<>();
        var listing = cluster.await(cluster.store.range(cluster.keys.imagePrefix()));
        long forgotten = 0;
        for (KeyValue stored : listing.keys()) {
            Object value = switch (ImageKey.parse(cluster.keys, stored.key()).orElseThrow()) {
                case ImageKey.Topic key -> RecordJson.topic(key.name(), stored);
                case ImageKey.DeletedTopic key -> RecordJson.tombstone(key.id(), stored);
                case ImageKey.Partition key -> RecordJson.partition(key.id(), stored);
                case ImageKey.Broker key -> RecordJson.broker(key.id(), stored);
                case ImageKey.Stream key -> RecordJson.stream(key.incarnation(), stored);
                case ImageKey.ForgottenStreams _ -> RecordJson.counter(stored);
                case ImageKey.Availability key -> RecordJson.availability(key.brokerId(), stored);
                case ImageKey.Pin _ -> RecordJson.pin(stored);
                case ImageKey.GroupConfig key -> RecordJson.groupConfig(key.group(), stored);
                case ImageKey.Suspicions key -> RecordJson.suspicions(key.observerId(), stored);
                case ImageKey.Coordinator _ -> RecordJson.shardOwner(stored);
            };
            if (stored.key().equals(cluster.keys.forgottenStreams())) {
                forgotten = (long) value;
            } else {
                expected.put(stored.key(), new Versioned<>(value, stored.modRevision()));
            }
        }
        Map<String, Object> is = new HashMap<>();
        image.topics().forEach(topic -> is.put(cluster.keys.topic(topic.value().name()), topic));
        image.tombstones().forEach((id, tombstone) -> is.put(cluster.keys.deletedTopic(id), tombstone));
        image.brokers().forEach((id, broker) -> is.put(cluster.keys.broker(id), broker));
        image.streams().forEach((id, stream) -> is.put(cluster.keys.stream(id), stream));
        image.availabilityById().forEach((id, record) -> is.put(cluster.keys.availability(id), record));
        image.pins().forEach((id, broker) -> is.put(cluster.keys.pin(id), broker));
        image.groupConfigs().forEach((group, set) -> is.put(cluster.keys.groupConfig(group), set));
        image.suspicions().forEach((id, record) -> is.put(cluster.keys.suspicions(id), record));
        image.coordinatorsByShard().forEach((shard, owner) -> is.put(cluster.keys.coordinator(shard), owner));
        for (UUID topicId : image.topicsWithPartitionRecords()) {
            image.partitions(topicId)
                    .forEach((number, partition) ->
                            is.put(cluster.keys.partition(new PartitionId(topicId, number)), partition));
        }
        assertThat(is).isEqualTo(expected);
        assertThat(image.forgottenEpoch()).isEqualTo(forgotten);
        assertThat(image.topics())
                .allSatisfy(topic -> assertThat(image.topic(topic.value().id())).contains(topic));
    }

    private void put(String key, String value) {
        cluster.await(cluster.store.commit(
                Transaction.builder().put(key, Bytes.utf8(value)).build()));
    }

    /** Believes deltas only. */
    private static final class Follower implements ImageListener {
        private final Set<UUID> topics = new HashSet<>();
        private final Set<PartitionId> partitions = new HashSet<>();
        private ClusterImage last = ClusterImage.EMPTY;
        private int told;

        @Override
        public void onImage(ClusterImage before, ClusterImage now, ClusterDelta delta) {
            told++;
            assertThat(before.sameContentAs(last)).isTrue();
            assertThat(delta.isEmpty()).isFalse();
            assertThat(delta.createdTopics()).noneMatch(topics::contains);
            assertThat(delta.deletedTopics()).allMatch(topics::contains);
            assertThat(delta.changedTopics()).allMatch(topics::contains);
            topics.addAll(delta.createdTopics());
            topics.removeAll(delta.deletedTopics());
            for (PartitionId id : delta.partitions()) {
                assertThat(now.partition(id)).isNotEqualTo(before.partition(id));
                if (now.partition(id).isPresent()) {
                    partitions.add(id);
                } else {
                    partitions.remove(id);
                }
            }
            last = now;
        }

        void check(ClusterImage image) {
            assertThat(image.sameContentAs(last)).isTrue();
            Set<UUID> ids = new HashSet<>();
            image.topics().forEach(topic -> ids.add(topic.value().id()));
            assertThat(topics).isEqualTo(ids);
            assertThat(partitions)
                    .allSatisfy(id -> assertThat(image.partition(id)).isPresent());
        }
    }

    /** Does something somewhere. */
    private final class History {
        private final Random random;
        private final PlacementStore placement = new PlacementStore(cluster.accessOf(cluster.store, 9));
        private long brokerEpoch = 100;

        History(Random random) {
            this.random = random;
        }

        void step() {
            String name = "t" + random.nextInt(6);
            boolean exists =
                    cluster.await(cluster.store.get(cluster.keys.topic(name))).isPresent();
            switch (random.nextInt(9)) {
                case 0, 1 -> cluster.await(cluster.topics.create(new NewTopic(name, 4, Map.of())));
                case 2 -> {
                    if (exists) {
                        TopicRecord topic = cluster.topic(name).value();
                        cluster.await(cluster.topics.delete(name, topic.id()));
                        if (random.nextBoolean()) {
                            cluster.await(cluster.topics.purgePartitions(topic.deleted(0)));
                            cluster.await(cluster.topics.removeTombstone(topic.id()));
                        }
                    }
                }
                case 3 ->
                    cluster.await(cluster.topics.alterConfigs(
                            name, topic -> Map.of("k", Integer.toString(random.nextInt(3)))));
                case 4, 5 -> {
                    if (exists) {
                        changePartitions(cluster.topic(name));
                    }
                }
                case 6 -> {
                    if (exists) {
                        pin(cluster.topic(name).value());
                    }
                }
                case 7 -> takeShard(random.nextInt(3));
                default -> startBroker(random.nextInt(3));
            }
        }

        private void takeShard(int shard) {
            ShardOwner owner = new ShardOwner(random.nextInt(3), random.nextBoolean() ? ONE : null);
            put(cluster.keys.coordinator(shard), owner.encode().utf8());
        }

        private void pin(TopicRecord topic) {
            int partition = random.nextInt(topic.partitions());
            if (random.nextInt(3) == 0) {
                cluster.await(placement.unpin(new PartitionId(topic.id(), partition)));
            } else {
                cluster.await(placement.pin(topic, partition, random.nextInt(3)));
            }
        }

        private void changePartitions(Versioned<TopicRecord> topic) {
            var known = cluster.await(cluster.partitions.ofTopic(topic.value().id()));
            var changes = new ArrayList<PartitionChange>();
            for (int i = 0; i < topic.value().partitions(); i++) {
                Versioned<PartitionRecord> record = known.get(i);
                if (record == null) {
                    changes.add(PartitionChange.create(cluster.keys, topic, i, ONE));
                } else if (random.nextBoolean()) {
                    changes.add(PartitionChange.update(
                            record,
                            record.value()
                                    .advanceSegmentEnd(record.value().segmentEndOffset() + 1 + random.nextInt(5))));
                }
            }
            cluster.await(cluster.partitions.commit(changes, List.of()));
        }

        private void startBroker(int id) {
            var incarnation = new BrokerIncarnation(id, brokerEpoch++);
            MetadataStore client = cluster.store.client();
            var registration = new BrokerRegistration(incarnation, "127.0.0.1", 9092, null, "test", 0);
            var registry = new BrokerRegistry(cluster.accessOf(client, brokerEpoch));
            var result = cluster.await(registry.register(registration, Duration.ofSeconds(1)));
            BrokerAvailability.State[] states = BrokerAvailability.State.values();
            cluster.await(placement.setAvailability(incarnation, states[random.nextInt(states.length)]));
            if (result instanceof RegisterResult.Registered registered && random.nextBoolean()) {
                var suspicions = new Suspicions(incarnation, Set.of(new BrokerIncarnation(5, brokerEpoch)));
                cluster.await(new SuspicionStore(cluster.accessOf(client, 6))
                        .replace(keeper.image(), suspicions, registered.lease().id()));
            }
            if (result instanceof RegisterResult.Registered registered && random.nextBoolean()) {
                cluster.await(registered.lease().revoke());
                cluster.await(cluster.registry.markClosing(incarnation));
                cluster.await(cluster.registry.markSealed(incarnation, 5));
                if (random.nextBoolean()) {
                    var collected = cluster.await(cluster.registry.markCollected(incarnation));
                    cluster.await(cluster.registry.forget(List.of(((StreamChangeResult.Changed) collected).stream())));
                }
            }
            client.close();
            if (random.nextBoolean()) {
                cluster.loop.advance(Duration.ofSeconds(2));
            }
        }
    }
}
