package io.kafscale.coordinator;

import static io.kafscale.coordinator.ShardFixture.KEYS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ShardOwner;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ShardReleaseTest {
    private static final BrokerIncarnation ME = new BrokerIncarnation(1, 1);

    private final ShardFixture shard = new ShardFixture();
    private int settled;

    private ShardRelease release() {
        return new ShardRelease(KEYS, ME, shard.access, () -> settled++);
    }

    @Test
    void theEpochStaysForTheNextOwnerToExceed() {
        Ownership mine = shard.own("1-1");
        release().start(mine);
        shard.loop.run();
        assertThat(shard.owner()).isEqualTo(new ShardOwner(1, null));
        assertThat(settled).isEqualTo(1);
        assertThat(shard.store.commitsSent()).isEqualTo(1);
    }

    @Test
    void anOwnershipThatIsNotKnownIsReadFirst() {
        shard.own("1-1");
        release().start();
        shard.loop.run();
        assertThat(shard.owner()).isEqualTo(new ShardOwner(1, null));
        assertThat(settled).isEqualTo(1);
    }

    @Test
    void anotherOwnerIsLeftAlone() {
        Ownership mine = shard.own("1-1");
        shard.own("2-1");
        release().start(mine);
        release().start();
        shard.loop.run();
        assertThat(shard.owner()).isEqualTo(new ShardOwner(2, new BrokerIncarnation(2, 1)));
        assertThat(settled).isEqualTo(2);
    }

    @Test
    void aReleaseWhoseReplyWasLostIsSettled() throws Exception {
        Ownership mine = shard.own("1-1");
        shard.store.holdCommits();
        release().start(mine);
        HeldStore.Call lost = shard.store.take();
        lost.applySilently();
        lost.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        assertThat(settled).isZero();
        shard.store.letGo();
        shard.loop.advance(Duration.ofSeconds(1));
        assertThat(settled).isEqualTo(1);
        assertThat(shard.memory.commits()).as("owner taken, owner released").isEqualTo(2);
    }

    @Test
    void aReleaseThatArrivesAfterTheNextOwnerHarmsNobody() throws Exception {
        Ownership mine = shard.own("1-1");
        shard.store.holdCommits();
        release().start(mine);
        HeldStore.Call late = shard.store.take();
        late.fail(Kind.OUTCOME_UNKNOWN);
        shard.own("2-1");
        late.applySilently();
        shard.store.letGo();
        shard.loop.run();
        shard.loop.advance(Duration.ofSeconds(1));
        assertThat(shard.owner()).isEqualTo(new ShardOwner(2, new BrokerIncarnation(2, 1)));
        assertThat(settled).isEqualTo(1);
    }

    @Test
    void aLateClaimOfOursIsReleasedToo() {
        Ownership mine = shard.own("1-1");
        shard.own("1-1");
        release().start(mine);
        shard.loop.run();
        assertThat(shard.owner()).isEqualTo(new ShardOwner(2, null));
        assertThat(settled).isEqualTo(1);
    }

    @Test
    void anUnreachableStoreIsAskedAgainUntilItIsCancelled() throws Exception {
        shard.own("1-1");
        shard.store.hold(call -> true);
        ShardRelease release = release();
        release.start();
        for (int i = 0; i < 3; i++) {
            shard.store.take().fail(Kind.UNAVAILABLE);
            shard.loop.run();
            shard.loop.advance(Duration.ofSeconds(1));
        }
        release.cancel();
        shard.store.letGo();
        shard.loop.advance(Duration.ofMinutes(1));
        assertThat(settled).isZero();
        assertThat(shard.owner().is(ME)).isTrue();
    }

    @Test
    void aStoreThatRefusesForGoodAndADamagedKeyEndIt() throws Exception {
        Ownership mine = shard.own("1-1");
        shard.store.hold(call -> true);
        release().start(mine);
        shard.store.take().fail(Kind.CLOSED);
        shard.loop.run();
        assertThat(settled).isEqualTo(1);
        shard.store.letGo();
        shard.memory.apply(
                Transaction.builder().put(KEYS.owner(), Bytes.utf8("?")).build());
        release().start();
        shard.loop.run();
        assertThat(settled).isEqualTo(2);
    }
}
