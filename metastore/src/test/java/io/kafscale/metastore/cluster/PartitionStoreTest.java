package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PartitionStoreTest {
    private static final BrokerIncarnation ONE = new BrokerIncarnation(1, 10);
    private static final BrokerIncarnation TWO = new BrokerIncarnation(2, 11);

    private final ClusterFixture cluster = new ClusterFixture();
    private final PartitionStore partitions = cluster.partitions;

    @Test
    void aThousandPartitionsAreCreatedAndRead() {
        cluster.createTopic("orders", 1_000);
        long before = cluster.await(cluster.clusters.revision());
        List<PartitionOutcome> outcomes = commit(creations("orders", 1_000), List.of());
        assertThat(outcomes).hasSize(1_000);
        Map<Integer, Versioned<PartitionRecord>> read =
                cluster.await(partitions.ofTopic(cluster.topic("orders").value().id()));
        for (int i = 0; i < 1_000; i++) {
            Versioned<PartitionRecord> record = Objects.requireNonNull(read.get(i));
            assertThat(record.value().ledBy(ONE)).isTrue();
            assertThat(outcomes.get(i)).isEqualTo(new PartitionOutcome.Applied(record.value(), record.modRevision()));
        }
        assertThat(cluster.await(cluster.clusters.revision()) - before).isEqualTo(9);
        Versioned<PartitionRecord> seventh = versioned(outcomes.get(7));
        assertThat(cluster.await(partitions.get(seventh.value().id()))).contains(seventh);
    }

    @Test
    void theStreamsThatTenuresNameAreKnownOrNothingIs() {
        cluster.createTopic("orders", 2);
        Versioned<PartitionRecord> first =
                versioned(commit(creations("orders", 2), List.of()).getFirst());
        commit(List.of(PartitionChange.update(first, first.value().takeOver(TWO, 5))), List.of());
        assertThat(cluster.await(partitions.namedStreams())).containsExactlyInAnyOrder(ONE, TWO);
        String key = cluster.keys.partition(first.value().id());
        cluster.await(cluster.store.commit(Transaction.builder()
                .require(
                        key,
                        cluster.await(partitions.get(first.value().id()))
                                .orElseThrow()
                                .modRevision())
                .put(key, Bytes.utf8("{torn"))
                .build()));
        assertThatThrownBy(() -> cluster.await(partitions.namedStreams())).hasMessageContaining("is not JSON");
    }

    @Test
    void partitionsOfManyTopicsAreCreatedWithinTheLimits() {
        var changes = new ArrayList<PartitionChange>();
        for (int i = 0; i < 300; i++) {
            cluster.createTopic("t" + i, 1);
            changes.addAll(creations("t" + i, 1));
        }
        assertThat(commit(changes, List.of(guardOn("/own"))))
                .hasSize(300)
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(PartitionOutcome.Applied.class));
    }

    @Test
    void oneThatWasOvertakenDoesNotHoldBackTheOthers() {
        cluster.createTopic("orders", 5);
        List<PartitionOutcome> created = commit(creations("orders", 5), List.of());
        Versioned<PartitionRecord> third = versioned(created.get(3));
        PartitionOutcome other = commit(
                        List.of(PartitionChange.update(third, third.value().takeOver(TWO, 9))), List.of())
                .getFirst();
        var changes = new ArrayList<PartitionChange>();
        for (PartitionOutcome outcome : created) {
            Versioned<PartitionRecord> read = versioned(outcome);
            changes.add(PartitionChange.update(read, read.value().advanceSegmentEnd(5)));
        }
        List<PartitionOutcome> outcomes = commit(changes, List.of());
        assertThat(outcomes.get(3)).isEqualTo(new PartitionOutcome.Conflict(versioned(other)));
        for (int i : List.of(0, 1, 2, 4)) {
            assertThat(versioned(outcomes.get(i)).value().segmentEndOffset()).isEqualTo(5);
        }
    }

    @Test
    void aFailedGuardStopsEverything() {
        cluster.createTopic("orders", 300);
        Guard guard = guardOn("/own");
        guardOn("/own");
        assertThat(commit(creations("orders", 300), List.of(guard)))
                .hasSize(300)
                .containsOnly(new PartitionOutcome.GuardFailed("/own"));
        assertThat(cluster.keysUnder(cluster.keys.partitionsPrefix())).isEmpty();
    }

    @Test
    void aTopicThatWasDeletedGetsNoPartitions() {
        TopicRecord topic = cluster.createTopic("orders", 2);
        cluster.createTopic("other", 1);
        var changes = new ArrayList<>(creations("orders", 2));
        changes.addAll(creations("other", 1));
        cluster.await(cluster.topics.delete("orders", topic.id()));
        List<PartitionOutcome> outcomes = commit(changes, List.of());
        assertThat(outcomes.subList(0, 2)).containsOnly(new PartitionOutcome.TopicChanged());
        assertThat(outcomes.get(2)).isInstanceOf(PartitionOutcome.Applied.class);
    }

    @Test
    void twoCreatorsOfWhomOneIsFasterAgreeOnTheLeader() {
        cluster.createTopic("orders", 1);
        PartitionOutcome first = commit(creations("orders", 1), List.of()).getFirst();
        var late = PartitionChange.create(cluster.keys, cluster.topic("orders"), 0, TWO);
        assertThat(commit(List.of(late), List.of())).containsExactly(new PartitionOutcome.Conflict(versioned(first)));
    }

    @Test
    void twoChangesOfOnePartitionAreAnError() {
        cluster.createTopic("orders", 1);
        var change = creations("orders", 1).getFirst();
        assertThatThrownBy(() -> partitions.commit(List.of(change, change), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private List<PartitionChange> creations(String name, int count) {
        Versioned<TopicRecord> topic = cluster.topic(name);
        var changes = new ArrayList<PartitionChange>();
        for (int i = 0; i < count; i++) {
            changes.add(PartitionChange.create(cluster.keys, topic, i, ONE));
        }
        return changes;
    }

    private Guard guardOn(String key) {
        cluster.await(
                cluster.store.commit(Transaction.builder().put(key, Bytes.EMPTY).build()));
        return new Guard(
                key, cluster.await(cluster.store.get(key)).orElseThrow().modRevision());
    }

    private List<PartitionOutcome> commit(List<PartitionChange> changes, List<Guard> guards) {
        return cluster.await(partitions.commit(changes, guards));
    }

    private static Versioned<PartitionRecord> versioned(PartitionOutcome outcome) {
        if (outcome instanceof PartitionOutcome.Applied applied) {
            return new Versioned<>(applied.record(), applied.modRevision());
        }
        throw new AssertionError("not applied: " + outcome);
    }
}
