package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.MetadataStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvictionTest {
    private static final Duration TTL = Duration.ofSeconds(9);
    private static final BrokerIncarnation JUDGE = new BrokerIncarnation(9, 1_000);

    private final ClusterFixture cluster = new ClusterFixture().withCluster();
    private final BrokerRegistry registry = cluster.registry;

    @Test
    void anEvictedRegistrationIsGoneAndItsStreamCanBeClosed() {
        Versioned<BrokerRegistration> broker = registered();

        assertThat(cluster.await(registry.evict(broker, List.of(), JUDGE))).isInstanceOf(EvictResult.Evicted.class);

        assertThat(cluster.keysUnder(cluster.keys.brokersPrefix())).isEmpty();
        assertThat(cluster.await(registry.markClosing(broker.value().incarnation())))
                .isInstanceOf(StreamChangeResult.Changed.class);
    }

    @Test
    void whoIsEvictedWhileAliveComesBackAsTheSameIncarnationUntilItsStreamIsClosed() {
        Versioned<BrokerRegistration> broker = registered();
        evict(broker);

        assertThat(cluster.await(registry.register(broker.value(), TTL))).isInstanceOf(RegisterResult.Registered.class);

        cluster.loop.advance(EvictResult.PAUSE);
        evict(current(broker));
        cluster.await(registry.markClosing(broker.value().incarnation()));
        assertThat(cluster.await(registry.register(broker.value(), TTL)))
                .isInstanceOf(RegisterResult.StreamNotOpen.class);
    }

    @Test
    void aRegistrationThatChangedSinceItWasJudgedStays() {
        Versioned<BrokerRegistration> judged = registered();
        cluster.await(registry.register(judged.value(), TTL));

        assertThat(cluster.await(registry.evict(judged, List.of(), JUDGE))).isEqualTo(new EvictResult.Outdated());
        assertThat(cluster.keysUnder(cluster.keys.brokersPrefix())).hasSize(1);
        assertThat(cluster.await(registry.evict(current(judged), List.of(), JUDGE)))
                .as("a refused attempt starts no pause")
                .isInstanceOf(EvictResult.Evicted.class);
    }

    @Test
    void evidenceThatChangedConvictsNobody() {
        Versioned<BrokerRegistration> broker = registered();
        Versioned<BrokerRegistration> observer = registered(2);
        var evidence = new Guard(cluster.keys.broker(2), observer.modRevision());
        evict(observer);

        assertThat(cluster.await(registry.evict(broker, List.of(evidence), JUDGE)))
                .isEqualTo(new EvictResult.Outdated());
        assertThat(cluster.keysUnder(cluster.keys.brokersPrefix())).containsExactly(cluster.keys.broker(1));
    }

    @Test
    void theSameIdIsEvictedOnceInTenSecondsWhoeverWantsItAndOthersAreNotConcerned() {
        Versioned<BrokerRegistration> broker = registered();
        evict(broker);
        cluster.await(registry.register(broker.value(), TTL));
        MetadataStore other = cluster.store.client();
        var elsewhere = new BrokerRegistry(cluster.accessOf(other, 7));

        cluster.loop.advance(EvictResult.PAUSE.minusMillis(100));
        assertThat(cluster.await(elsewhere.evict(current(broker), List.of(), JUDGE)))
                .isEqualTo(new EvictResult.TooSoon());
        evict(registered(2));

        cluster.loop.advance(Duration.ofMillis(200));
        assertThat(cluster.await(elsewhere.evict(current(broker), List.of(), JUDGE)))
                .isInstanceOf(EvictResult.Evicted.class);
    }

    @Test
    void thePauseIsNoLongerWhenTheEvictorDiesInIt() {
        Versioned<BrokerRegistration> broker = registered();
        MetadataStore dying = cluster.store.client();
        var evictor = new BrokerRegistry(cluster.accessOf(dying, 7));
        assertThat(cluster.await(evictor.evict(broker, List.of(), JUDGE))).isInstanceOf(EvictResult.Evicted.class);
        cluster.await(registry.register(broker.value(), TTL));

        cluster.loop.advance(EvictResult.PAUSE.minusSeconds(1));
        dying.close();
        assertThat(cluster.await(registry.evict(current(broker), List.of(), JUDGE)))
                .isEqualTo(new EvictResult.TooSoon());

        cluster.loop.advance(Duration.ofSeconds(2));
        evict(current(broker));
        cluster.loop.advance(EvictResult.PAUSE.plusSeconds(1));
        assertThat(cluster.await(cluster.store.get(cluster.keys.eviction(1)))).isEmpty();
    }

    private void evict(Versioned<BrokerRegistration> broker) {
        assertThat(cluster.await(registry.evict(broker, List.of(), JUDGE))).isInstanceOf(EvictResult.Evicted.class);
    }

    private Versioned<BrokerRegistration> registered() {
        return registered(1);
    }

    private Versioned<BrokerRegistration> registered(int id) {
        BrokerIncarnation incarnation = cluster.await(registry.nextIncarnation(id));
        var registration = new BrokerRegistration(incarnation, "b" + id, 9092, null, "test", 0);
        if (cluster.await(registry.register(registration, TTL)) instanceof RegisterResult.Registered done) {
            return done.registration();
        }
        throw new AssertionError("broker " + id + " was not registered");
    }

    private Versioned<BrokerRegistration> current(Versioned<BrokerRegistration> broker) {
        int id = broker.value().incarnation().brokerId();
        var stored = cluster.await(cluster.store.get(cluster.keys.broker(id))).orElseThrow();
        return new Versioned<>(RecordJson.broker(id, stored), stored.modRevision());
    }
}
