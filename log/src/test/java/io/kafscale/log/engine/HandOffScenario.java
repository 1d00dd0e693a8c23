package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** Two brokers, and a partition with two records that one of them leads. */
abstract class HandOffScenario {
    final TestCluster cluster = new TestCluster();
    final List<TestBroker> brokers = new ArrayList<>();
    final PlacementStore placement = new PlacementStore(cluster.access());
    TestBroker from;
    TestBroker to;
    TopicRecord topic;
    PartitionId id;

    @BeforeEach
    void twoBrokersAndAPartitionThatTheFirstLeads() {
        brokers.addAll(cluster.serving(2));
        topic = brokers.getFirst().create("orders", 1, Map.of("segment.ms", "600000"));
        id = TestBroker.partition(topic, 0);
        from = TestCluster.planned(brokers, id);
        to = brokers.get(from == brokers.getFirst() ? 1 : 0);
        from.produce(id, "a");
        from.produce(id, "b");
    }

    void move() {
        cluster.await(placement.pin(topic, 0, to.id));
    }

    void untilLedBy(TestBroker broker) {
        cluster.until(() -> !broker.leads(topic).isEmpty());
    }

    PartitionRecord stored() {
        return cluster.await(new PartitionStore(cluster.access()).get(id))
                .orElseThrow()
                .value();
    }
}
