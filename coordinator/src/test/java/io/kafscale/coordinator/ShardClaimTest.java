package io.kafscale.coordinator;

import static io.kafscale.coordinator.ShardFixture.KEYS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ShardOwner;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ShardClaimTest {
    private final ShardFixture shard = new ShardFixture();
    private final Set<BrokerIncarnation> over = new HashSet<>();

    private CompletableFuture<Ownership> claim(String incarnation) {
        var claimed = claimOf(incarnation).start();
        shard.loop.run();
        return claimed;
    }

    private ShardClaim claimOf(String incarnation) {
        return new ShardClaim(KEYS, BrokerIncarnation.parse(incarnation), over::contains, shard.access);
    }

    private static ShardOwner owner(long epoch, String incarnation) {
        return new ShardOwner(epoch, BrokerIncarnation.parse(incarnation));
    }

    @Test
    void eachOwnerHasAHigherEpoch() {
        Ownership first = claim("1-1").join();
        over.add(BrokerIncarnation.parse("1-1"));
        Ownership second = claim("2-1").join();
        assertThat(first.epoch()).isEqualTo(1);
        assertThat(second.epoch()).isEqualTo(2);
        assertThat(shard.owner()).isEqualTo(owner(2, "2-1"));
        assertThat(second.revision())
                .isEqualTo(shard.memory.read(KEYS.owner()).orElseThrow().modRevision());
    }

    @Test
    void somebodyFasterIsFollowedOnceHeIsOver() throws Exception {
        over.add(BrokerIncarnation.parse("2-1"));
        shard.store.holdCommits();
        var claimed = claim("1-1");
        shard.own("2-1");
        HeldStore.Call late = shard.store.take();
        shard.store.letGo();
        late.answer();
        shard.loop.run();
        assertThat(claimed.join().epoch()).isEqualTo(2);
        assertThat(shard.owner()).isEqualTo(owner(2, "1-1"));
    }

    @Test
    void nothingIsTakenFromOneWhoMayBeAlive() {
        shard.own("2-1");
        assertThat(claim("1-1").exceptionNow())
                .isInstanceOf(ShardLostException.class)
                .hasMessageContaining("owned by 2-1");
        assertThat(shard.owner()).isEqualTo(owner(1, "2-1"));
    }

    @Test
    void somebodyFasterWhoIsAliveKeepsIt() throws Exception {
        shard.store.holdCommits();
        var claimed = claim("1-1");
        shard.own("2-1");
        shard.store.letGo();
        shard.loop.run();
        assertThat(claimed).isCompletedExceptionally();
        assertThat(shard.owner()).isEqualTo(owner(1, "2-1"));
    }

    @Test
    void whatWasReleasedAndWhatIsOursAlreadyIsTaken() {
        Ownership released = shard.own("2-1");
        new ShardRelease(KEYS, released.incarnation(), shard.access, () -> {}).start(released);
        shard.loop.run();
        assertThat(shard.owner()).isEqualTo(new ShardOwner(1, null));
        assertThat(claim("1-1").join().epoch()).isEqualTo(2);
        assertThat(claim("1-1").join().epoch()).isEqualTo(3);
    }

    @Test
    void aClaimWhoseReplyWasLostIsRecognized() throws Exception {
        shard.store.holdCommits();
        var claimed = claim("1-1");
        HeldStore.Call lost = shard.store.take();
        lost.applySilently();
        lost.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        shard.loop.advance(Duration.ofSeconds(1));
        assertThat(claimed.join().epoch()).isEqualTo(1);
        assertThat(shard.store.commitsSent()).isEqualTo(1);
    }

    @Test
    void aClaimAppliedLateIsRecognized() throws Exception {
        shard.store.holdCommits();
        var claimed = claim("1-1");
        HeldStore.Call late = shard.store.take();
        late.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        shard.loop.advance(Duration.ofSeconds(1));
        HeldStore.Call again = shard.store.take();
        late.applySilently();
        again.answer();
        shard.loop.run();
        assertThat(claimed.join().epoch()).isEqualTo(1);
        assertThat(shard.memory.commits()).isEqualTo(1);
    }

    @Test
    void anUnreachableStoreIsAskedAgain() throws Exception {
        shard.store.hold(call -> true);
        var claimed = claim("1-1");
        shard.store.take().fail(Kind.UNAVAILABLE);
        shard.loop.run();
        assertThat(claimed).isNotDone();
        shard.store.letGo();
        shard.loop.advance(Duration.ofSeconds(1));
        assertThat(claimed.join().epoch()).isEqualTo(1);
    }

    @Test
    void aClosedStoreEndsTheClaim() throws Exception {
        shard.store.hold(call -> true);
        var claimed = claim("1-1");
        shard.store.take().fail(Kind.CLOSED);
        shard.loop.run();
        assertThat(claimed).isCompletedExceptionally();
        assertThat(claimed.exceptionNow()).isInstanceOf(ShardLostException.class);
    }

    @Test
    void aDamagedOwnerKeyIsNotOverwritten() {
        shard.memory.apply(
                Transaction.builder().put(KEYS.owner(), Bytes.utf8("?")).build());
        assertThat(claim("1-1").exceptionNow())
                .isInstanceOf(ShardLostException.class)
                .hasMessageContaining("cannot be read");
        assertThat(shard.memory.commits()).isEqualTo(1);
    }

    @Test
    void aCancelledClaimGoesNoFurther() throws Exception {
        shard.store.hold(call -> call.kind == HeldStore.Kind.GET);
        var claim = claimOf("1-1");
        var claimed = claim.start();
        claim.cancel();
        shard.store.take().answer();
        shard.loop.run();
        assertThat(claimed).isNotDone();
        assertThat(shard.store.commitsSent()).isZero();
    }
}
