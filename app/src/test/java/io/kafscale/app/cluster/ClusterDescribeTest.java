package io.kafscale.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.app.CommandLineRun;
import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.OutputOption;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.TopicRecord;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterDescribeTest {
    private final MetadataOfACluster metadata = new MetadataOfACluster();

    @AfterEach
    void closeStore() {
        metadata.close();
    }

    @Test
    void brokersAreShownWithWhatTheyLeadAndShouldLead() {
        // Given
        metadata.withRecord();
        BrokerIncarnation one = metadata.serve(1);
        BrokerIncarnation two = metadata.serve(2);
        metadata.register(3);
        TopicRecord topic = metadata.topic("orders", 3);
        metadata.lead(topic, 0, one);
        metadata.lead(topic, 1, one);
        MetadataOfACluster.await(metadata.placement.setAvailability(one, State.DRAINING));
        MetadataOfACluster.await(metadata.placement.pin(topic, 2, 2));
        // When
        ClusterView view = view();
        // Then
        assertThat(view.clusterId()).isEqualTo(MetadataOfACluster.CLUSTER_ID);
        assertThat(view.brokers())
                .extracting(
                        ClusterView.Broker::id,
                        ClusterView.Broker::incarnation,
                        ClusterView.Broker::address,
                        ClusterView.Broker::state,
                        ClusterView.Broker::leads,
                        ClusterView.Broker::planned)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1, one.toString(), "b1:9092", "draining", 2, 0),
                        org.assertj.core.groups.Tuple.tuple(2, two.toString(), "b2:9092", "serving", 0, 3),
                        org.assertj.core.groups.Tuple.tuple(3, "3-3", "b3:9092", "starting", 0, 0));
        assertThat(view.misplaced())
                .containsExactly(
                        new ClusterView.Placement("orders", 0, 1, 2),
                        new ClusterView.Placement("orders", 1, 1, 2),
                        new ClusterView.Placement("orders", 2, null, 2));
        assertThat(view.pins()).containsExactly(new ClusterView.Pin("orders", 2, 2));
        assertThat(view.streams()).containsExactly(java.util.Map.entry("open", 3));
    }

    @Test
    void theTextSaysWhatIsOnItsWay() {
        metadata.withRecord();
        metadata.serve(1);
        metadata.topic("orders", 25);
        var out = new StringWriter();

        ClusterDescribeCommand.print(view(), new PrintWriter(out, true));

        assertThat(out.toString())
                .contains("Cluster a-cluster: 1 broker, 1 topic with 25 partitions")
                .containsPattern("1 +1-1 +b1:9092 +rack-a +serving +0\\.1 +2023-11-14T22:13:20Z +0 +25")
                .contains("WAL streams: 1 open")
                .contains("25 partitions on the way to another broker:")
                .containsPattern("orders:19 +none +1")
                .contains("and 5 more; --output json lists all");
    }

    @Test
    void theJsonListsEverything() {
        metadata.withRecord();
        metadata.serve(1);
        metadata.topic("orders", 25);

        assertThat(OutputOption.jsonLine(view()))
                .contains("\"clusterId\":\"a-cluster\"")
                .contains("\"incarnation\":\"1-1\"")
                .contains("{\"topic\":\"orders\",\"partition\":24,\"leader\":null,\"planned\":1}");
    }

    @Test
    void aNamespaceWithoutAClusterIsSaidToBeOne() {
        try (var session = metadata.session()) {
            assertThatThrownBy(session::cluster)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("There is no cluster in the namespace 'test'");
        }
    }

    @Test
    void theStoreOfASingleBrokerIsNotForThisCommand() {
        var run = CommandLineRun.of("cluster", "describe", "--set", "metadata.uri=file:./nowhere");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("is a store inside a single broker").contains("etcd://host:port");
    }

    private ClusterView view() {
        try (var session = metadata.session()) {
            return ClusterView.of(session.cluster().clusterId(), session.image());
        }
    }
}
