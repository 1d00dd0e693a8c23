package io.kafscale.metastore.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.UnreliableMetadataStore;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Brokers with a detector each, on one clock; what they see of each other is said by hand. */
class FailureDetectorTest {
    private static final Duration TTL = Duration.ofSeconds(10);

    private final ClusterFixture cluster = new ClusterFixture().withCluster();
    private final PlacementStore placement = new PlacementStore(cluster.accessOf(cluster.store, 3));

    /** A broker that renews its lease and serves until {@link #die}. */
    private final class Node {
        final int id;
        final EmbeddedClientOf client = new EmbeddedClientOf();
        final ImageKeeper images = new ImageKeeper(client.access);
        final FailureDetector detector;
        BrokerIncarnation incarnation;
        Set<Peer> peers = Set.of();

        Node(int id) {
            this.id = id;
            this.incarnation = cluster.await(cluster.registry.nextIncarnation(id));
            this.detector =
                    new FailureDetector(client.access, images, () -> Optional.of(incarnation), now -> peers = now, TTL);
            cluster.await(images.start());
            register();
            detector.start();
            cluster.loop.runReady();
        }

        Node serving() {
            setAvailability(State.SERVING);
            return this;
        }

        void setAvailability(State state) {
            assertThat(cluster.await(placement.setAvailability(incarnation, state)))
                    .isTrue();
            cluster.loop.runReady();
        }

        void register() {
            var registration = new BrokerRegistration(incarnation, "b" + id, 9092, null, "test", 0);
            assertThat(cluster.await(new BrokerRegistry(client.access).register(registration, TTL)))
                    .isInstanceOf(RegisterResult.Registered.class);
        }

        /** The process is gone: nobody renews its lease any more. */
        void die() {
            client.store.close();
            detector.close();
            images.close();
        }

        void finds(Node peer, boolean refusing) {
            if (refusing) {
                detector.refused(peer.incarnation);
            } else {
                detector.reachable(peer.incarnation);
            }
            cluster.loop.runReady();
        }

        List<Integer> watchedIds() {
            return peers.stream()
                    .map(peer -> peer.incarnation().brokerId())
                    .sorted()
                    .toList();
        }
    }

    /** A client of its own, as a process has one. */
    private final class EmbeddedClientOf {
        final UnreliableMetadataStore store =
                new UnreliableMetadataStore(cluster.store.client(), cluster.loop, new SplittableRandom(8), 0);
        final MetadataAccess access = cluster.accessOf(store, 5);
    }

    @Test
    void whoIsAtWorkWatchesAllOthersThatServe() {
        Node one = new Node(1);
        Node two = new Node(2).serving();
        Node three = new Node(3);
        assertThat(one.peers).as("a broker that starts watches nobody").isEmpty();
        assertThat(two.peers).as("nobody else serves").isEmpty();

        one.serving();
        three.serving();

        assertThat(one.peers)
                .containsExactlyInAnyOrder(
                        new Peer(two.incarnation, "b2", 9092), new Peer(three.incarnation, "b3", 9092));
        assertThat(two.watchedIds()).containsExactly(1, 3);

        three.setAvailability(State.DRAINING);
        assertThat(one.watchedIds()).containsExactly(2);
        assertThat(three.watchedIds()).as("who drains still sees").containsExactly(1, 2);
    }

    @Test
    void twoOfThreeBrokersConvictAThird() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        Node three = new Node(3).serving();
        three.die();

        one.finds(three, true);
        settle();
        assertThat(isRegistered(three)).as("one witness is none").isTrue();
        assertThat(two.images.image().suspects()).containsExactly(three.incarnation);
        assertThat(suspicions()).containsExactly(cluster.keys.suspicions(1));

        two.finds(three, true);
        settle();
        assertThat(isRegistered(three)).isFalse();
        assertThat(two.images.image().suspects()).isEmpty();
        assertThat(suspicions()).as("suspicions go with their suspect").isEmpty();
        assertThat(one.watchedIds()).containsExactly(2);
    }

    @Test
    void oneOfTwoBrokersConvictsTheOther() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        two.die();

        one.finds(two, true);
        settle();

        assertThat(isRegistered(two)).isFalse();
        assertThat(isRegistered(one)).isTrue();
    }

    @Test
    void whoCanBeReachedAgainIsSuspectedNoMore() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        Node three = new Node(3).serving();

        one.finds(three, true);
        settle();
        one.finds(three, false);
        settle();
        assertThat(suspicions()).isEmpty();

        two.finds(three, true);
        settle();
        assertThat(isRegistered(three)).isTrue();
    }

    @Test
    void whoRefusedOnceAndOnlyDoesNotAnswerSinceIsSuspectedNoMore() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        Node three = new Node(3).serving();

        one.finds(three, true);
        settle();
        assertThat(suspicions()).hasSize(1);
        one.detector.unclear(three.incarnation);
        settle();
        assertThat(suspicions()).isEmpty();

        two.finds(three, true);
        settle();
        assertThat(isRegistered(three)).isTrue();
        one.finds(three, true);
        settle();
        assertThat(isRegistered(three)).isFalse();
    }

    @Test
    void aSuspicionEndsWithTheLeaseOfItsObserverAndCountsOnlyWhileThatIsRegistered() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        Node three = new Node(3).serving();
        Node four = new Node(4).serving();
        one.finds(four, true);
        settle();
        cluster.await(cluster.registry.evict(current(one), List.of(), four.incarnation));
        settle();

        two.finds(four, true);
        settle();
        assertThat(isRegistered(four))
                .as("the first observer is not registered")
                .isTrue();

        one.die();
        cluster.loop.advance(TTL.plusSeconds(1));
        assertThat(suspicions()).containsExactly(cluster.keys.suspicions(2));
        three.finds(four, true);
        settle();
        assertThat(isRegistered(four)).isFalse();
    }

    @Test
    void whoStartsOrDrainsOrIsUnknownIsNoSuspect() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        Node starting = new Node(3);
        Node draining = new Node(4).serving();
        draining.setAvailability(State.DRAINING);

        for (Node observer : List.of(one, two)) {
            observer.finds(starting, true);
            observer.finds(draining, true);
            observer.detector.refused(new BrokerIncarnation(2, 77));
        }
        settle();

        assertThat(suspicions()).isEmpty();
        assertThat(isRegistered(starting)).isTrue();
        assertThat(isRegistered(draining)).isTrue();
    }

    @Test
    void theSameBrokerIsConvictedOnceInTenSeconds() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        one.finds(two, true);
        settle();
        assertThat(isRegistered(two)).isFalse();
        two.register();
        settle();
        assertThat(one.watchedIds()).containsExactly(2);

        one.finds(two, true);
        cluster.loop.advance(Duration.ofSeconds(7));
        assertThat(isRegistered(two)).isTrue();

        cluster.loop.advance(Duration.ofSeconds(4));
        assertThat(isRegistered(two)).isFalse();
    }

    @Test
    void afterABreakInItsContactABrokerJudgesNobodyForOneTimeToLive() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        cluster.loop.stall(Duration.ofSeconds(8));
        settle();
        assertThat(isRegistered(two)).as("the leases lived through it").isTrue();

        one.finds(two, true);
        cluster.loop.advance(Duration.ofSeconds(7));
        assertThat(isRegistered(two)).isTrue();
        assertThat(suspicions()).isEmpty();

        cluster.loop.advance(Duration.ofSeconds(8));
        assertThat(isRegistered(two)).isFalse();
    }

    @Test
    void aFailedCallIsABreakToo() {
        Node one = new Node(1).serving();
        Node two = new Node(2).serving();
        one.client.store.setTrouble(1);
        one.finds(two, true);
        cluster.loop.advance(Duration.ofSeconds(30));
        one.client.store.setTrouble(0);
        cluster.loop.advance(Duration.ofSeconds(60));

        assertThat(isRegistered(two))
                .as("what goes on refusing is convicted in the end")
                .isFalse();
        assertThat(cluster.await(cluster.store.get(cluster.keys.eviction(2))))
                .as("the pause has an end whatever was lost")
                .isEmpty();
    }

    @Test
    void aClosedDetectorLeavesNothingBehind() {
        Node one = new Node(1).serving();
        new Node(2).serving();
        Node three = new Node(3).serving();
        one.finds(three, true);
        settle();
        assertThat(suspicions()).hasSize(1);

        one.detector.close();
        settle();

        assertThat(suspicions()).isEmpty();
        assertThat(one.peers).isEmpty();
    }

    private void settle() {
        cluster.loop.advance(Duration.ofSeconds(1));
    }

    private boolean isRegistered(Node node) {
        return cluster.await(cluster.store.get(cluster.keys.broker(node.id))).isPresent();
    }

    private Versioned<BrokerRegistration> current(Node node) {
        return requireNonNull(node.images.image().brokers().get(node.id));
    }

    private List<String> suspicions() {
        return cluster.keysUnder(cluster.keys.suspicionsPrefix());
    }
}
