package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
    void aForgottenStreamIsOverAndNeverOpensAgain() {
        // Given
        BrokerIncarnation unregistered = cluster.await(registry.nextIncarnation(3));
        BrokerIncarnation alive = cluster.await(registry.nextIncarnation(2));
        register(registry, alive);
        BrokerIncarnation gone = cluster.await(registry.nextIncarnation(1));
        register(dying, gone);
        client.close();
        cluster.loop.advance(TTL);
        Versioned<StreamRecord> collected = collected(gone);
        // When
        assertThat(cluster.await(registry.forget(List.of(collected)))).isTrue();
        // Then
        assertThat(cluster.await(registry.stream(gone))).isEmpty();
        assertThat(cluster.await(registry.isForgotten(gone))).isTrue();
        assertThat(image().isOver(gone)).isTrue();
        assertThat(cluster.await(registry.markClosing(gone))).isInstanceOf(StreamChangeResult.Forgotten.class);
        assertThat(cluster.await(registry.markSealed(gone, 5))).isInstanceOf(StreamChangeResult.Forgotten.class);
        assertThat(cluster.await(registry.register(registration(gone), TTL)))
                .isInstanceOf(RegisterResult.StreamForgotten.class);
        assertThat(cluster.await(registry.register(registration(unregistered), TTL)))
                .as("an epoch that is lower, and that may have been forgotten for all anybody knows")
                .isInstanceOf(RegisterResult.StreamForgotten.class);
        // And who is alive, or comes later, goes on
        assertThat(image().isOver(alive)).isFalse();
        register(registry, alive);
        register(registry, cluster.await(registry.nextIncarnation(1)));
        assertThat(cluster.keysUnder(cluster.keys.streamsPrefix())).hasSize(2);
    }

    @Test
    void onlyWhatIsCollectedAndAsItWasShownIsForgotten() {
        BrokerIncarnation gone = cluster.await(registry.nextIncarnation(1));
        register(dying, gone);
        client.close();
        cluster.loop.advance(TTL);
        var sealed = cluster.await(registry.markSealed(gone, 5));
        assertThatThrownBy(
                        () -> cluster.await(registry.forget(List.of(((StreamChangeResult.Changed) sealed).stream()))))
                .isInstanceOf(IllegalArgumentException.class);
        Versioned<StreamRecord> collected = collected(gone);
        var other = new Versioned<>(collected.value(), collected.modRevision() - 1);
        assertThat(cluster.await(registry.forget(List.of(other)))).isFalse();
        assertThat(cluster.await(registry.stream(gone))).contains(collected);
        assertThat(cluster.await(registry.isForgotten(gone))).isFalse();
    }

    @Test
    void aRegistrationThatArrivesTwiceOpensNoStreamThatWasForgottenMeanwhile() {
        // Given a broker whose lease lives on though its registration was removed
        List<Transaction> sent = new ArrayList<>();
        var repeating = new ForwardingMetadataStore(client) {
            @Override
            public CompletableFuture<CommitResult> commit(Transaction transaction) {
                sent.add(transaction);
                return super.commit(transaction);
            }
        };
        BrokerIncarnation gone = cluster.await(registry.nextIncarnation(1));
        var registered = register(new BrokerRegistry(cluster.accessOf(repeating, 3)), gone);
        cluster.await(registry.evict(registered.registration(), List.of(), new BrokerIncarnation(2, 99)));
        // When
        assertThat(cluster.await(registry.forget(List.of(collected(gone))))).isTrue();
        CommitResult again = cluster.await(client.commit(sent.getFirst()));
        // Then
        assertThat(registered.lease().lost()).isNotDone();
        assertThat(again).isInstanceOf(CommitResult.Conflict.class);
        assertThat(cluster.keysUnder(cluster.keys.streamsPrefix())).isEmpty();
        assertThat(cluster.keysUnder(cluster.keys.brokersPrefix())).isEmpty();
    }

    private Versioned<StreamRecord> collected(BrokerIncarnation incarnation) {
        cluster.await(registry.markSealed(incarnation, 5));
        StreamChangeResult result = cluster.await(registry.markCollected(incarnation));
        return ((StreamChangeResult.Changed) result).stream();
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
