package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoleTest {
    private static final Duration TTL = Duration.ofSeconds(9);

    private final ClusterFixture cluster = new ClusterFixture();

    /** One who competes, with a connection and a lease of its own. */
    private final class Competitor implements Role.Listener {
        final MetadataStore client = cluster.store.client();
        final List<String> told = new ArrayList<>();
        Lease lease = cluster.await(client.grantLease(TTL));
        final Role role;

        Competitor(int id) {
            role = new Role(
                    cluster.accessOf(client, id), "collector", new BrokerIncarnation(id, 10 + id), () -> lease, this);
            cluster.loop.runReady();
        }

        @Override
        public void acquired() {
            told.add("acquired");
        }

        @Override
        public void lost() {
            told.add("lost");
        }
    }

    @Test
    void theFirstHoldsItAndTheOthersWait() {
        var first = new Competitor(1);
        var second = new Competitor(2);
        cluster.loop.advance(Duration.ofMinutes(1));
        assertThat(first.role.isHeld()).isTrue();
        assertThat(second.role.isHeld()).isFalse();
        assertThat(second.told).isEmpty();
        assertThat(cluster.keysUnder(cluster.keys.role("collector"))).hasSize(1);
    }

    @Test
    void whenTheHolderDiesAnotherTakesIt() {
        var first = new Competitor(1);
        var second = new Competitor(2);
        first.client.close();
        cluster.loop.advance(TTL.plusSeconds(1));
        assertThat(second.role.isHeld()).isTrue();
        assertThat(second.told).containsExactly("acquired");
    }

    @Test
    void aHolderWhoseLeaseEndsLosesItAndGetsItBackUnderTheNext() {
        var holder = new Competitor(1);
        Lease before = holder.lease;
        holder.lease = cluster.await(holder.client.grantLease(TTL));
        cluster.await(before.revoke());
        cluster.loop.runReady();
        assertThat(holder.told).containsExactly("acquired", "lost", "acquired");
        assertThat(holder.role.isHeld()).isTrue();
    }

    @Test
    void whoCompetesNoMoreLeavesItToOthersWhenItsLeaseEnds() {
        var first = new Competitor(1);
        var second = new Competitor(2);
        first.role.close();
        assertThat(first.told).containsExactly("acquired", "lost");
        cluster.await(first.lease.revoke());
        cluster.loop.runReady();
        assertThat(second.role.isHeld()).isTrue();
        assertThat(first.told).hasSize(2);
    }

    @Test
    void whoHasTheRoleAndCouldNotBeToldFindsItOut() {
        // Given
        var doubtful = new CuttableStore(cluster.store.client());
        doubtful.loseAnswers(6);
        Lease lease = cluster.await(doubtful.grantLease(TTL));
        var told = new ArrayList<String>();
        // When
        var role = new Role(
                cluster.accessOf(doubtful, 1),
                "collector",
                new BrokerIncarnation(1, 11),
                () -> lease,
                new Role.Listener() {
                    @Override
                    public void acquired() {
                        told.add("acquired");
                    }

                    @Override
                    public void lost() {
                        told.add("lost");
                    }
                });
        cluster.loop.advance(Duration.ofMinutes(1));
        // Then
        assertThat(cluster.keysUnder(cluster.keys.role("collector"))).hasSize(1);
        assertThat(role.isHeld()).isTrue();
        assertThat(told).containsExactly("acquired");
        // And
        cluster.await(lease.revoke());
        cluster.loop.runReady();
        assertThat(told).containsExactly("acquired", "lost");
    }

    @Test
    void aLeaseThatIsGoneIsTriedAgainUntilThereIsAnother() {
        var waiting = new Competitor(1);
        waiting.role.close();
        cluster.await(waiting.lease.revoke());
        var late = new Competitor(2);
        Lease gone = late.lease;
        late.role.close();
        cluster.await(gone.revoke());
        cluster.loop.runReady();
        // When
        var role = new Role(
                cluster.accessOf(late.client, 2), "collector", new BrokerIncarnation(2, 12), () -> late.lease, late);
        cluster.loop.advance(Duration.ofSeconds(5));
        assertThat(role.isHeld()).isFalse();
        late.lease = cluster.await(late.client.grantLease(TTL));
        cluster.loop.advance(Duration.ofSeconds(15));
        // Then
        assertThat(role.isHeld()).isTrue();
    }
}
