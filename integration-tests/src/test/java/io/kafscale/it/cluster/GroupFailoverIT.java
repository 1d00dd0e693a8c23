package io.kafscale.it.cluster;

import static io.kafscale.it.client.Futures.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Lookup;
import io.kafscale.it.workload.GroupReader;
import io.kafscale.it.workload.KcatMember;
import io.kafscale.it.workload.Load;
import io.kafscale.it.workload.WorkloadPlan;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of both protocols survive their coordinator with members, generation and offsets, and without a rebalance. */
@OnlyKafscale
@Tag("cluster")
class GroupFailoverIT {
    private static final WorkloadPlan PLAN = new WorkloadPlan(6, 1, new Load(100, 100, 1), 1, 2, false);

    private static Scenario scenario;

    @BeforeAll
    static void start() {
        scenario = Scenario.start("group-failover", 3, PLAN);
    }

    @AfterAll
    static void stop() {
        try (Scenario ending = scenario) {
            ending.settle();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupOutlivesAKilledCoordinator(String protocol) {
        survives(protocol, ClusterBroker::kill);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupFollowsItsCoordinatorThatIsShutDown(String protocol) {
        survives(protocol, ClusterBroker::stop);
    }

    private void survives(String protocol, Consumer<ClusterBroker> end) {
        // Given
        String group = GroupReader.group(protocol);
        Map<String, Membership> before = memberships(protocol);
        ClusterBroker coordinator = scenario.cluster().broker(coordinator(group));
        long commits = scenario.history().read(progress -> progress.commits(group));
        // When
        scenario.note("end of " + coordinator + ", which coordinates " + group);
        end.accept(coordinator);
        scenario.history().await("commits of " + group + " go on", progress -> progress.commits(group) > commits + 10);
        // Then
        scenario.workload().awaitProgress();
        assertThat(coordinator(group)).isNotEqualTo(coordinator.id());
        assertThat(memberships(protocol)).isEqualTo(before);
        coordinator.start();
        scenario.awaitLeadership(coordinator);
        scenario.workload().awaitProgress();
        assertThat(memberships(protocol)).isEqualTo(before);
        scenario.history().assertSound(group);
    }

    @Test
    void kcatOutlivesAKilledCoordinator() {
        try (var kcat = KcatMember.start(
                scenario.cluster().bootstrapServers(),
                "kcat-group",
                scenario.workload().topic())) {
            // Given
            everythingIsReadBy(kcat);
            int assignments = kcat.assignments();
            ClusterBroker coordinator = scenario.cluster().broker(coordinator("kcat-group"));
            // When
            scenario.note("kill " + coordinator + ", which coordinates kcat's group");
            coordinator.kill();
            scenario.workload().awaitProgress();
            everythingIsReadBy(kcat);
            coordinator.start();
            scenario.awaitLeadership(coordinator);
            scenario.workload().awaitProgress();
            everythingIsReadBy(kcat);
            // Then
            assertThat(kcat.assignments()).isEqualTo(assignments);
            assertThat(kcat.failures()).isEmpty();
        }
    }

    private static void everythingIsReadBy(KcatMember kcat) {
        for (int partition = 0; partition < PLAN.partitions(); partition++) {
            int number = partition;
            kcat.awaitPosition(partition, scenario.history().read(progress -> progress.end(number)));
        }
    }

    private record Membership(String memberId, int generation, int assignments) {}

    private static Map<String, Membership> memberships(String protocol) {
        var memberships = new TreeMap<String, Membership>();
        for (GroupReader member : scenario.workload().members(protocol)) {
            memberships.put(
                    member.name(), new Membership(member.memberId(), member.generation(), member.assignments()));
        }
        return memberships;
    }

    private static int coordinator(String group) {
        Map<String, ConsumerGroupDescription> described =
                get(scenario.admin().describeConsumerGroups(List.of(group)).all());
        return Lookup.in(described, group).coordinator().id();
    }
}
