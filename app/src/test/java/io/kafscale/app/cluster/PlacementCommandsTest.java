package io.kafscale.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.app.CommandLineRun;
import io.kafscale.app.cli.CommandException;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Draining and moving, with brokers that do only what the test makes them do. */
class PlacementCommandsTest {
    private final MetadataOfACluster metadata = new MetadataOfACluster().withRecord();
    private final ImageKeeper images = new ImageKeeper(metadata.access);
    private ClusterSession session = metadata.session();

    @BeforeEach
    void follow() {
        MetadataOfACluster.await(images.start());
    }

    @AfterEach
    void close() {
        session.close();
        images.close();
        metadata.close();
    }

    @Test
    void aDrainIsWaitedForUntilTheBrokerLeadsNothing() throws Exception {
        // Given
        BrokerIncarnation one = metadata.serve(1);
        BrokerIncarnation two = metadata.serve(2);
        TopicRecord topic = metadata.topic("orders", 1);
        metadata.lead(topic, 0, one);
        opened();
        // When
        var drained = CompletableFuture.runAsync(() -> new BrokerDrain(session).drain(1, true));
        await(image -> image.isDraining(one));
        // Then
        assertThat(drained).isNotDone();
        metadata.handOver(topic, 0, two);
        assertThat(drained).succeedsWithin(20, TimeUnit.SECONDS);
        assertThat(await(image -> true).isDraining(one)).isTrue();
        // And back
        new BrokerDrain(session).undrain(1);
        await(image -> image.isServing(one));
    }

    @Test
    void whatCannotBeDrainedIsSaid() {
        metadata.serve(1);
        metadata.register(2);
        opened();
        var drain = new BrokerDrain(session);

        assertThatThrownBy(() -> drain.drain(7, false))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("There is no broker 7. Registered are 1, 2.");
        assertThatThrownBy(() -> drain.drain(1, false)).hasMessageContaining("No other broker is serving");
        assertThatThrownBy(() -> drain.undrain(2)).hasMessageContaining("Broker 2 is starting");
        assertThat(images.image().isDraining(new BrokerIncarnation(1, 1))).isFalse();
    }

    @Test
    void aDrainThatSomebodyEndsIsNotWaitedForForEver() throws Exception {
        BrokerIncarnation one = metadata.serve(1);
        metadata.serve(2);
        metadata.lead(metadata.topic("orders", 1), 0, one);
        opened();
        var drained = CompletableFuture.runAsync(() -> new BrokerDrain(session).drain(1, true));
        await(image -> image.isDraining(one));

        MetadataOfACluster.await(metadata.placement.setAvailability(one, State.SERVING));

        assertThat(drained)
                .failsWithin(20, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("is not being drained any more");
    }

    @Test
    void aPartitionIsMovedAndLeftToThePlanAgain() throws Exception {
        // Given
        BrokerIncarnation one = metadata.serve(1);
        BrokerIncarnation two = metadata.serve(2);
        TopicRecord topic = metadata.topic("orders-eu", 1);
        var id = new PartitionId(topic.id(), 0);
        BrokerIncarnation planned = LeadershipPlan.of(
                        await(image -> image.brokers().size() == 2))
                .leaderOf(id)
                .orElseThrow();
        BrokerIncarnation other = planned.equals(one) ? two : one;
        metadata.lead(topic, 0, planned);
        opened();
        var named = List.of(PartitionName.find(session.image(), "orders-eu-0"));
        // When
        var moved = CompletableFuture.runAsync(() -> new PartitionMove(session).move(named, other.brokerId(), true));
        await(image -> image.pin(id).isPresent());
        // Then
        assertThat(moved).isNotDone();
        metadata.handOver(topic, 0, other);
        assertThat(moved).succeedsWithin(20, TimeUnit.SECONDS);
        // And back
        var unpinned = CompletableFuture.runAsync(() -> new PartitionMove(session).unpin(named, true));
        await(image -> image.pin(id).isEmpty());
        metadata.handOver(topic, 0, planned);
        assertThat(unpinned).succeedsWithin(20, TimeUnit.SECONDS);
    }

    @Test
    void whatCannotBeMovedIsSaid() {
        metadata.serve(1);
        metadata.register(2);
        metadata.topic("orders", 2);
        opened();
        ClusterImage image = session.image();
        var move = new PartitionMove(session);
        var named = List.of(PartitionName.find(image, "orders:1"));

        assertThatThrownBy(() -> move.move(named, 9, false)).hasMessageContaining("There is no broker 9");
        assertThatThrownBy(() -> move.move(named, 2, false)).hasMessageContaining("Broker 2 is starting");
        assertThatThrownBy(() -> PartitionName.find(image, "orders")).hasMessageContaining("names no partition");
        assertThatThrownBy(() -> PartitionName.find(image, "payments:0"))
                .hasMessageContaining("There is no topic 'payments'");
        assertThatThrownBy(() -> PartitionName.find(image, "orders:2"))
                .hasMessageContaining("has no partition 2: its partitions are 0 to 1");
    }

    @Test
    void aMoveSaysWhereTo() {
        assertThat(CommandLineRun.of("cluster", "move", "orders:0").exitCode()).isEqualTo(2);
        assertThat(CommandLineRun.of("cluster", "move", "orders:0", "--to", "1", "--unpin")
                        .exitCode())
                .isEqualTo(2);
        assertThat(CommandLineRun.of("cluster", "drain").exitCode()).isEqualTo(2);
    }

    private void opened() {
        session.cluster();
    }

    private ClusterImage await(Predicate<ClusterImage> condition) throws Exception {
        var found = new CompletableFuture<ClusterImage>();
        images.addListener((_, now, _) -> {
            if (condition.test(now)) {
                found.complete(now);
            }
        });
        return found.get(20, TimeUnit.SECONDS);
    }
}
