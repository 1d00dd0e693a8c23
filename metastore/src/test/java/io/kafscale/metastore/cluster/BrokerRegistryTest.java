package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BrokerRegistryTest {
    private static final Duration TTL = Duration.ofSeconds(9);

    private final ClusterFixture cluster = new ClusterFixture().withCluster();
    private final MetadataStore client = cluster.store.client();
    private final BrokerRegistry dying = new BrokerRegistry(cluster.accessOf(client, 2));
    private final BrokerRegistry registry = cluster.registry;

    @Test
    void epochsAreNeverGivenOutTwiceAndGrow() {
        long last = 0;
        for (int i = 0; i < 10; i++) {
            long epoch = cluster.await(registry.nextIncarnation(i % 2)).brokerEpoch();
            assertThat(epoch).isGreaterThan(last);
            last = epoch;
        }
    }

    @Test
    void withoutAClusterThereIsNoEpoch() {
        var empty = new ClusterFixture();
        assertThatThrownBy(() -> empty.await(empty.registry.nextIncarnation(1)))
                .isInstanceOf(MetadataException.class)
                .hasMessageContaining("no cluster record");
    }

    @Test
    void aRestoreRaisesEpochsAboveAllGivenOutBefore() {
        var restored = new ClusterFixture();
        restored.await(restored.clusters.createIfAbsent(new ClusterRecord("a-cluster", 2, 0)));
        long epoch = restored.await(restored.registry.nextIncarnation(1)).brokerEpoch();
        assertThat(epoch).isGreaterThan(new ClusterRecord("a-cluster", 1, 0).numbersUntil() - 1);
    }

    @Test
    void aRegisteredBrokerHasAnOpenStream() {
        var registered = register(registry, cluster.await(registry.nextIncarnation(1)));
        BrokerIncarnation incarnation = registered.registration().value().incarnation();
        assertThat(cluster.await(registry.stream(incarnation))).contains(registered.stream());
        assertThat(registered.stream().value()).isEqualTo(StreamRecord.open(incarnation));
        assertThat(registry.guard(registered))
                .isEqualTo(new Guard(
                        cluster.keys.broker(1), registered.registration().modRevision()));
    }

    @Test
    void anotherIncarnationHasToWaitForTheEndOfTheFirst() {
        BrokerIncarnation first = cluster.await(registry.nextIncarnation(1));
        BrokerIncarnation second = cluster.await(registry.nextIncarnation(1));
        var held = register(dying, first).registration();
        assertThat(cluster.await(registry.register(registration(second), TTL)))
                .isEqualTo(new RegisterResult.HeldByOther(held.value(), held.modRevision()));
        client.close();
        cluster.loop.advance(TTL);
        register(registry, second);
    }

    @Test
    void aBrokerWhoseLeaseWasLostComesBackAsTheSameIncarnation() {
        BrokerIncarnation incarnation = cluster.await(registry.nextIncarnation(1));
        var first = register(registry, incarnation);
        cluster.loop.stall(TTL.plusSeconds(1));
        cluster.loop.advance(Duration.ZERO);
        assertThat(first.lease().lost()).isDone();
        var again = register(registry, incarnation);
        assertThat(again.stream()).isEqualTo(first.stream());
        assertThat(again.registration().modRevision())
                .isGreaterThan(first.registration().modRevision());
    }

    @Test
    void aBrokerThatWasJudgedDeadDoesNotComeBack() {
        BrokerIncarnation incarnation = cluster.await(registry.nextIncarnation(1));
        register(dying, incarnation);
        assertThat(cluster.await(registry.markClosing(incarnation)))
                .isEqualTo(new StreamChangeResult.StillRegistered(registration(incarnation)));
        client.close();
        cluster.loop.advance(TTL);
        assertThat(streamAfter(cluster.await(registry.markClosing(incarnation))).state())
                .isEqualTo(StreamRecord.State.CLOSING);
        assertThat(cluster.await(registry.register(registration(incarnation), TTL)))
                .isEqualTo(new RegisterResult.StreamNotOpen(
                        StreamRecord.open(incarnation).closing()));
        assertThat(cluster.keysUnder(cluster.keys.brokersPrefix())).isEmpty();
    }

    @Test
    void theStreamOfAnEarlierIncarnationIsClosedWhileTheNextLives() {
        BrokerIncarnation first = cluster.await(registry.nextIncarnation(1));
        register(dying, first);
        client.close();
        cluster.loop.advance(TTL);
        register(registry, cluster.await(registry.nextIncarnation(1)));
        assertThat(streamAfter(cluster.await(registry.markClosing(first))).state())
                .isEqualTo(StreamRecord.State.CLOSING);
    }

    @Test
    void anImageSparesReadingBeforeAStreamIsClosedAndSealed() {
        // Given
        BrokerIncarnation incarnation = cluster.await(registry.nextIncarnation(1));
        register(dying, incarnation);
        client.close();
        cluster.loop.advance(TTL);
        ClusterImage image = image();
        var counted = new CountingStore(cluster.store);
        var counting = new BrokerRegistry(cluster.accessOf(counted, 9));
        // When
        var closing = cluster.await(counting.markClosing(incarnation, image));
        var sealed = cluster.await(counting.markSealed(((StreamChangeResult.Changed) closing).stream(), 5));
        // Then
        assertThat(streamAfter(closing).state()).isEqualTo(StreamRecord.State.CLOSING);
        assertThat(streamAfter(sealed).sealSequence()).isEqualTo(5);
        assertThat(counted.calls()).containsExactly("commit", "commit");
        // And who is slower finds the same
        assertThat(streamAfter(cluster.await(registry.markClosing(incarnation, image))))
                .isEqualTo(streamAfter(sealed));
        assertThat(streamAfter(cluster.await(registry.markSealed(((StreamChangeResult.Changed) closing).stream(), 5))))
                .isEqualTo(streamAfter(sealed));
        assertThat(cluster.await(registry.markSealed(((StreamChangeResult.Changed) closing).stream(), 6)))
                .isInstanceOf(StreamChangeResult.Illegal.class);
    }

    @Test
    void anOldImageClosesNoStreamOfABrokerThatIsRegisteredAgain() {
        // Given
        BrokerIncarnation incarnation = cluster.await(registry.nextIncarnation(1));
        register(dying, incarnation);
        client.close();
        cluster.loop.advance(TTL);
        ClusterImage image = image();
        register(registry, incarnation);
        // When
        var result = cluster.await(registry.markClosing(incarnation, image));
        // Then
        assertThat(result).isEqualTo(new StreamChangeResult.StillRegistered(registration(incarnation)));
    }

    private ClusterImage image() {
        try (var images = new ImageKeeper(cluster.accessOf(cluster.store, 4))) {
            return cluster.await(images.start());
        }
    }

    @Test
    void aStreamMovesForwardOnly() {
        BrokerIncarnation incarnation = cluster.await(registry.nextIncarnation(1));
        assertThat(cluster.await(registry.markSealed(incarnation, 5))).isInstanceOf(StreamChangeResult.NotFound.class);
        register(registry, incarnation);
        assertThat(cluster.await(registry.markCollected(incarnation))).isInstanceOf(StreamChangeResult.Illegal.class);
        StreamRecord sealed = StreamRecord.open(incarnation).sealed(5);
        assertThat(streamAfter(cluster.await(registry.markSealed(incarnation, 5))))
                .isEqualTo(sealed);
        assertThat(streamAfter(cluster.await(registry.markSealed(incarnation, 5))))
                .isEqualTo(sealed);
        assertThat(cluster.await(registry.markSealed(incarnation, 6)))
                .isEqualTo(new StreamChangeResult.Illegal(
                        sealed, "stream " + incarnation + " is SEALED at 5 and cannot be sealed at 6"));
        assertThat(streamAfter(cluster.await(registry.markCollected(incarnation))))
                .isEqualTo(sealed.collected());
        assertThat(streamAfter(cluster.await(registry.markSealed(incarnation, 5))))
                .isEqualTo(sealed.collected());
    }

    @Test
    void aRefusedRegistrationLeavesNoLease() {
        BrokerIncarnation first = cluster.await(registry.nextIncarnation(1));
        var registered = register(registry, first);
        cluster.await(registry.register(registration(cluster.await(registry.nextIncarnation(1))), TTL));
        cluster.loop.advance(Duration.ofMinutes(10));
        assertThat(registered.lease().lost()).isNotDone();
        assertThat(cluster.keysUnder(cluster.keys.brokersPrefix())).hasSize(1);
    }

    private RegisterResult.Registered register(BrokerRegistry by, BrokerIncarnation incarnation) {
        RegisterResult result = cluster.await(by.register(registration(incarnation), TTL));
        if (result instanceof RegisterResult.Registered registered) {
            return registered;
        }
        throw new AssertionError("not registered: " + result);
    }

    private static StreamRecord streamAfter(StreamChangeResult result) {
        if (result instanceof StreamChangeResult.Changed changed) {
            return changed.stream().value();
        }
        throw new AssertionError("not changed: " + result);
    }

    private static BrokerRegistration registration(BrokerIncarnation incarnation) {
        return new BrokerRegistration(incarnation, "127.0.0.1", 9092, null, "test", 0);
    }
}
