package io.kafscale.metastore.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Lease;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PlacementStoreTest {
    private final ClusterFixture cluster = new ClusterFixture().withCluster();
    private final PlacementStore placement = new PlacementStore(cluster.accessOf(cluster.store, 3));
    private final ImageKeeper images = new ImageKeeper(cluster.accessOf(cluster.store, 4));
    private final Map<BrokerIncarnation, Lease> leases = new HashMap<>();

    PlacementStoreTest() {
        cluster.await(images.start());
    }

    @Test
    void whoStartsIsGivenNothingOnceSomebodyServes() {
        BrokerIncarnation one = register(1);
        BrokerIncarnation two = register(2);
        assertThat(plan().candidates()).containsExactly(one, two);

        serve(two);

        assertThat(plan().candidates()).containsExactly(two);
        assertThat(plan().controller()).contains(two);
    }

    @Test
    void whoDrainsIsGivenNothingUnlessNobodyElseIsThere() {
        BrokerIncarnation one = register(1);
        BrokerIncarnation two = register(2);
        serve(one);
        serve(two);

        drain(one);
        assertThat(plan().candidates()).containsExactly(two);

        drain(two);
        assertThat(plan().candidates()).containsExactly(one, two);
    }

    @Test
    void theAvailabilityOfAnEarlierIncarnationSaysNothing() {
        BrokerIncarnation first = register(1);
        serve(first);
        BrokerIncarnation later = new BrokerIncarnation(1, first.brokerEpoch() + 1);

        assertThat(image().isServing(later)).isFalse();
        assertThat(cluster.await(placement.setAvailability(later, State.SERVING)))
                .as("an incarnation that is not registered")
                .isFalse();
        assertThat(image().isServing(first)).isTrue();
    }

    @Test
    void onlyWhatABrokerLedChangesHandsWhenItGoes() {
        for (int id = 1; id <= 4; id++) {
            serve(register(id));
        }
        var before = new HashMap<PartitionId, Integer>();
        LeadershipPlan all = plan();
        for (int i = 0; i < 4000; i++) {
            var id = new PartitionId(new UUID(i / 100, 7), i % 100);
            before.put(id, all.leaderOf(id).orElseThrow().brokerId());
        }

        BrokerIncarnation leaving =
                requireNonNull(image().brokers().get(3)).value().incarnation();
        var foreseen = LeadershipPlan.without(Set.of(leaving), image());

        drain(leaving);

        LeadershipPlan fewer = plan();
        before.keySet().forEach(id -> assertThat(foreseen.leaderOf(id)).isEqualTo(fewer.leaderOf(id)));
        before.forEach((id, broker) -> {
            int now = fewer.leaderOf(id).orElseThrow().brokerId();
            assertThat(now).as("leader of %s", id).isNotEqualTo(3);
            if (broker != 3) {
                assertThat(now).as("leader of %s", id).isEqualTo(broker);
            }
        });
        Map<Integer, Long> share = new HashMap<>();
        before.values().forEach(broker -> share.merge(broker, 1L, Long::sum));
        assertThat(share.values()).as("partitions per broker").allMatch(count -> count > 850 && count < 1150);
    }

    /** Written down in docs/metadata-layout.md: another program may compute the plan. */
    @Test
    void thePlanOfAPartitionIsForEver() {
        for (int id = 1; id <= 3; id++) {
            serve(register(id));
        }
        var topic = UUID.fromString("0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9");
        LeadershipPlan plan = plan();
        var leaders = new StringBuilder();
        var coordinators = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            leaders.append(
                    plan.leaderOf(new PartitionId(topic, i)).orElseThrow().brokerId());
            coordinators.append(plan.coordinatorOf(i).orElseThrow().brokerId());
        }
        assertThat(leaders).hasToString("331221131212");
        assertThat(coordinators).hasToString("311333131121");
    }

    @Test
    void aPinnedPartitionGoesWhereItIsPinnedWhileThatBrokerMayLead() {
        BrokerIncarnation one = register(1);
        BrokerIncarnation two = register(2);
        serve(one);
        serve(two);
        TopicRecord topic = cluster.createTopic("orders", 20);
        var id = new PartitionId(topic.id(), 3);
        BrokerIncarnation planned = plan().leaderOf(id).orElseThrow();
        BrokerIncarnation other = planned.equals(one) ? two : one;

        assertThat(cluster.await(placement.pin(topic, 3, other.brokerId()))).isTrue();
        assertThat(plan().leaderOf(id)).contains(other);

        drain(other);
        assertThat(plan().leaderOf(id)).contains(planned);

        serve(other);
        cluster.await(placement.unpin(id));
        assertThat(plan().leaderOf(id)).contains(planned);
    }

    @Test
    void pinsGoWithTheirTopic() {
        TopicRecord topic = cluster.createTopic("orders", 2);
        cluster.await(placement.pin(topic, 1, 7));
        cluster.await(cluster.topics.delete("orders", topic.id()));

        assertThat(cluster.await(placement.pin(topic, 0, 7)))
                .as("pinning what was deleted")
                .isFalse();
        cluster.await(cluster.topics.purgePartitions(
                requireNonNull(image().tombstones().get(topic.id())).value()));
        assertThat(cluster.keysUnder(cluster.keys.pinsPrefix())).isEmpty();
        assertThat(image().pin(new PartitionId(topic.id(), 1))).isEmpty();
    }

    @Test
    void anIncarnationIsOverOnceItsStreamIsSealed() {
        BrokerIncarnation incarnation = cluster.await(cluster.registry.nextIncarnation(1));
        var registration = new BrokerRegistration(incarnation, "b1", 9092, null, "test", 0);
        var registered = (RegisterResult.Registered)
                cluster.await(cluster.registry.register(registration, Duration.ofSeconds(9)));
        cluster.await(registered.lease().revoke());
        assertThat(image().isOver(incarnation)).as("unregistered").isFalse();
        cluster.await(cluster.registry.markClosing(incarnation));
        assertThat(image().isOver(incarnation)).as("judged dead").isFalse();
        cluster.await(cluster.registry.markSealed(incarnation, 3));
        assertThat(image().isOver(incarnation)).as("sealed").isTrue();
        cluster.await(cluster.registry.markCollected(incarnation));
        assertThat(image().isOver(incarnation)).as("collected").isTrue();
    }

    @Test
    void aDrainEndsWithTheProcessAndNotWithTheIncarnation() {
        // Given
        BrokerIncarnation first = register(1);
        drain(first);
        // When it says the same once more
        serveUnlessDrained(first, List.of());
        // Then
        assertThat(image().isDraining(first)).isTrue();
        // When
        unregister(first);
        BrokerIncarnation second = register(1);
        serveUnlessDrained(second, List.of(first));
        // Then
        assertThat(image().isDraining(second)).as("the same process").isTrue();
        // When
        unregister(second);
        BrokerIncarnation third = register(1);
        serveUnlessDrained(third, List.of());
        // Then
        assertThat(image().isServing(third)).as("another process").isTrue();
    }

    @Test
    void whoIsNotRegisteredSaysNothing() {
        BrokerIncarnation gone = register(1);
        unregister(gone);
        assertThat(cluster.await(placement.serveUnlessDrained(gone, List.of()))).isFalse();
        assertThat(image().availability(1)).isEmpty();
    }

    private BrokerIncarnation register(int brokerId) {
        BrokerIncarnation incarnation = cluster.await(cluster.registry.nextIncarnation(brokerId));
        var registration = new BrokerRegistration(incarnation, "b" + brokerId, 9092, null, "test", 0);
        RegisterResult result = cluster.await(cluster.registry.register(registration, Duration.ofSeconds(9)));
        assertThat(result)
                .isInstanceOfSatisfying(RegisterResult.Registered.class, done -> leases.put(incarnation, done.lease()));
        return incarnation;
    }

    private void unregister(BrokerIncarnation incarnation) {
        cluster.await(requireNonNull(leases.remove(incarnation)).revoke());
    }

    private void serveUnlessDrained(BrokerIncarnation incarnation, List<BrokerIncarnation> earlier) {
        assertThat(cluster.await(placement.serveUnlessDrained(incarnation, earlier)))
                .isTrue();
    }

    private void serve(BrokerIncarnation incarnation) {
        assertThat(cluster.await(placement.setAvailability(incarnation, State.SERVING)))
                .isTrue();
    }

    private void drain(BrokerIncarnation incarnation) {
        assertThat(cluster.await(placement.setAvailability(incarnation, State.DRAINING)))
                .isTrue();
    }

    private LeadershipPlan plan() {
        return LeadershipPlan.of(image());
    }

    private ClusterImage image() {
        cluster.loop.runReady();
        return images.image();
    }
}
