package io.kafscale.coordinator;

import static io.kafscale.coordinator.ShardFixture.KEYS;
import static io.kafscale.coordinator.ShardFixture.SHARD;
import static io.kafscale.coordinator.ShardFixture.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ShardOwner;
import io.kafscale.runtime.ByteBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order of steps, with a runtime that the test plays. */
class ShardSeatTest {
    private static final BrokerIncarnation ME = new BrokerIncarnation(1, 1);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(5);

    private final ShardFixture shard = new ShardFixture();
    private final List<String> steps = new ArrayList<>();
    private final List<ShardLoad> loads = new ArrayList<>();
    private final ByteBudget budget = new ByteBudget("writes", 1 << 20);
    private final ShardSeat seat = new ShardSeat(SHARD, shard.loop, DRAIN_LIMIT, new PlayedRuntime());

    private boolean othersAreOver;

    private final class PlayedRuntime implements ShardSeat.Surroundings {
        @Override
        public ShardClaim claim(int number, BrokerIncarnation as) {
            steps.add("claim");
            return new ShardClaim(KEYS, as, other -> othersAreOver, shard.access);
        }

        @Override
        public ShardRelease release(int number, BrokerIncarnation as, Runnable onSettled) {
            steps.add("release");
            return new ShardRelease(KEYS, as, shard.access, onSettled);
        }

        @Override
        public void elect(ShardLoad load) {
            steps.add("elect");
            loads.add(load);
        }

        @Override
        public void resign(int number) {
            steps.add("resign");
        }

        @Override
        public void active(int number, ShardLoad.End.Loaded loaded) {
            steps.add("active");
        }

        @Override
        public void lost(int number, ShardLostException why) {
            steps.add("lost");
        }
    }

    @BeforeEach
    void ready() {
        seat.ready();
    }

    /** The loader has read everything; the runtime has not said so yet. */
    private ShardTenure loaderSucceeds() {
        ShardLoad load = loads.getLast();
        var tenure = new ShardTenure(
                load.ownership(), shard.snapshot(), shard.access, budget, (n, t, why) -> seat.lost(t, why));
        assertThat(load.succeed(new ShardLoad.End.Loaded(tenure, Map.of()))).isTrue();
        return tenure;
    }

    private ShardTenure activate() {
        ShardTenure tenure = loaderSucceeds();
        seat.loaded();
        shard.loop.run();
        return tenure;
    }

    @Test
    void aShardIsClaimedThenLoadedThenAnswers() {
        var acquired = seat.acquire(ME);
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect");
        assertThat(acquired).isNotDone();
        activate();
        assertThat(acquired).isCompleted();
        assertThat(seat.answering()).isTrue();
        assertThat(steps).containsExactly("claim", "elect", "active");
    }

    @Test
    void nothingIsClaimedBeforeTheHostIsReady() {
        var waiting = new ShardSeat(SHARD, shard.loop, DRAIN_LIMIT, new PlayedRuntime());
        var acquired = waiting.acquire(ME);
        shard.loop.run();
        assertThat(steps).isEmpty();
        waiting.ready();
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect");
        assertThat(acquired).isNotDone();
    }

    @Test
    void asManyAcquisitionsAsOneLikesAreOne() {
        seat.acquire(ME);
        shard.loop.run();
        var second = seat.acquire(ME);
        activate();
        var third = seat.acquire(ME);
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(steps).containsExactly("claim", "elect", "active");
    }

    @Test
    void aReleaseWaitsForWritesUnderWayAndForTheRuntime() throws Exception {
        seat.acquire(ME);
        shard.loop.run();
        ShardTenure tenure = activate();
        shard.store.holdCommits();
        tenure.append(batch("a", "1"));
        shard.loop.run();
        var released = seat.release();
        shard.loop.run();
        assertThat(seat.answering()).isFalse();
        assertThat(steps).containsExactly("claim", "elect", "active");
        shard.store.take().answer();
        shard.store.letGo();
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect", "active", "resign");
        assertThat(released).isNotDone();
        seat.unloaded();
        assertThat(released).as("before the store says so").isNotDone();
        shard.loop.run();
        assertThat(released).isCompleted();
        assertThat(steps).containsExactly("claim", "elect", "active", "resign", "release");
        assertThat(shard.owner()).isEqualTo(new ShardOwner(1, null));
        assertThat(shard.records()).containsExactly("a=1@0");
    }

    @Test
    void aReleaseDoesNotWaitForADeadStoreForEver() throws Exception {
        seat.acquire(ME);
        shard.loop.run();
        ShardTenure tenure = activate();
        shard.store.holdCommits();
        tenure.append(batch("a", "1"));
        shard.loop.run();
        seat.release();
        shard.store.take().fail(Kind.UNAVAILABLE);
        shard.loop.run();
        int sent = shard.store.commitsSent();
        shard.loop.advance(DRAIN_LIMIT);
        assertThat(steps).contains("resign");
        shard.store.letGo();
        shard.loop.advance(Duration.ofMinutes(1));
        assertThat(shard.store.commitsSent())
                .as("nothing is sent under an ownership that was given up")
                .isLessThanOrEqualTo(sent + 1);
        assertThat(budget.used()).isZero();
    }

    @Test
    void nothingIsUnloadedWhileItIsLoaded() {
        var acquired = seat.acquire(ME);
        shard.loop.run();
        var released = seat.release();
        assertThat(acquired).isCompletedExceptionally();
        assertThat(loads.getLast().end()).isInstanceOf(ShardLoad.End.Failed.class);
        assertThat(steps).as("the load has to end first").containsExactly("claim", "elect");
        assertThat(released).isNotDone();
        seat.unloaded();
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect", "resign", "release");
        assertThat(released).isCompleted();
        assertThat(shard.owner().isReleased()).isTrue();
    }

    @Test
    void aLoadThatEndedBeforeItWasGivenUpIsUnloadedOnceItIsActive() {
        seat.acquire(ME);
        shard.loop.run();
        loaderSucceeds();
        var released = seat.release();
        assertThat(steps).containsExactly("claim", "elect");
        seat.loaded();
        assertThat(seat.answering()).isFalse();
        assertThat(steps).containsExactly("claim", "elect", "resign");
        assertThat(released).isNotDone();
        seat.unloaded();
        shard.loop.run();
        assertThat(released).isCompleted();
    }

    @Test
    void whoComesBackWhileTheOldLoadEndsGetsAClaimAndALoadOfItsOwn() {
        seat.acquire(ME);
        shard.loop.run();
        var released = seat.release();
        var again = seat.acquire(ME);
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect");
        seat.unloaded();
        shard.loop.run();
        assertThat(released).isCompleted();
        assertThat(again).isNotDone();
        assertThat(steps).containsExactly("claim", "elect", "resign", "release", "claim", "elect");
        assertThat(loads.getLast().ownership().epoch()).isEqualTo(2);
        activate();
        assertThat(again).isCompleted();
    }

    @Test
    void whoComesBackAfterTheOldLoadSucceededGetsAClaimAndALoadOfItsOwn() {
        seat.acquire(ME);
        shard.loop.run();
        loaderSucceeds();
        var released = seat.release();
        var again = seat.acquire(ME);
        seat.loaded();
        seat.unloaded();
        shard.loop.run();
        assertThat(released).isCompleted();
        assertThat(steps).containsExactly("claim", "elect", "resign", "release", "claim", "elect");
        activate();
        assertThat(again).isCompleted();
    }

    @Test
    void aShardReleasedWhileItIsClaimedIsNotLoaded() throws Exception {
        shard.store.holdCommits();
        var acquired = seat.acquire(ME);
        shard.loop.run();
        var released = seat.release();
        assertThat(released).isCompleted();
        assertThat(acquired).isCompletedExceptionally();
        shard.store.letGo();
        shard.loop.run();
        assertThat(steps).containsExactly("claim");
    }

    @Test
    void aFencedTenureIsUnloadedAndReported() {
        seat.acquire(ME);
        shard.loop.run();
        ShardTenure tenure = activate();
        shard.own("2-1");
        tenure.append(batch("a", "1"));
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect", "active", "resign", "lost");
        assertThat(seat.answering()).isFalse();
        var again = seat.acquire(ME);
        shard.loop.run();
        assertThat(steps).as("not before the runtime has dropped the old state").hasSize(5);
        othersAreOver = true;
        seat.unloaded();
        shard.loop.run();
        assertThat(steps).endsWith("claim", "elect");
        assertThat(again).isNotDone();
    }

    @Test
    void aLossWhileDrainingEndsTheRelease() throws Exception {
        seat.acquire(ME);
        shard.loop.run();
        ShardTenure tenure = activate();
        shard.store.holdCommits();
        tenure.append(batch("a", "1"));
        shard.loop.run();
        var released = seat.release();
        shard.own("2-1");
        shard.store.letGo();
        shard.loop.run();
        seat.unloaded();
        assertThat(released).isCompleted();
        assertThat(steps).containsExactly("claim", "elect", "active", "resign");
    }

    @Test
    void aLoadThatFailsFailsTheAcquisitionAndCanBeTriedAgain() {
        var acquired = seat.acquire(ME);
        shard.loop.run();
        loads.getLast().fail(new IllegalStateException("damaged"));
        seat.unloaded();
        assertThat(acquired.exceptionNow())
                .isInstanceOf(ShardLostException.class)
                .hasRootCauseMessage("damaged");
        seat.acquire(ME);
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect", "resign", "claim", "elect");
    }

    @Test
    void aShardThatTheRuntimeDropsByItselfIsReported() {
        seat.acquire(ME);
        shard.loop.run();
        activate();
        seat.unloaded();
        assertThat(steps).containsExactly("claim", "elect", "active", "resign", "lost", "release");
        assertThat(seat.answering()).isFalse();
    }

    @Test
    void whatCannotBeLoadedStaysOursUntilItIsReleased() {
        seat.acquire(ME);
        shard.loop.run();
        loads.getLast().fail(new IllegalStateException("damaged"));
        seat.unloaded();
        shard.loop.run();
        assertThat(shard.owner().is(ME)).isTrue();
        var disowned = seat.disown(ME);
        shard.loop.run();
        assertThat(disowned).isCompleted();
        assertThat(shard.owner().isReleased()).isTrue();
    }

    @Test
    void aClaimThatTookPlaceAfterItWasGivenUpIsDisowned() throws Exception {
        shard.store.holdCommits();
        seat.acquire(ME);
        shard.loop.run();
        HeldStore.Call late = shard.store.take();
        assertThat(seat.release()).isCompleted();
        shard.store.letGo();
        late.applySilently();
        assertThat(shard.owner().is(ME)).isTrue();
        var disowned = seat.disown(ME);
        assertThat(disowned).isNotDone();
        shard.loop.run();
        assertThat(disowned).isCompleted();
        assertThat(shard.owner().isReleased()).isTrue();
    }

    @Test
    void whatSomebodyElseOwnsIsNotDisowned() {
        shard.own("2-1");
        var disowned = seat.disown(ME);
        shard.loop.run();
        assertThat(disowned).isCompleted();
        assertThat(shard.owner().incarnation()).isEqualTo(new BrokerIncarnation(2, 1));
    }

    @Test
    void aShardIsAnsweredForFromItsElectionUntilTheRuntimeHasDroppedIt() {
        Standing before = seat.standing();
        assertThat(before.holder).isNull();
        seat.acquire(ME);
        shard.loop.run();
        assertThat(seat.standing().holder).isEqualTo(ME);
        assertThat(seat.heldRevision()).isEqualTo(1);
        activate();
        seat.release();
        shard.loop.run();
        assertThat(steps).endsWith("resign");
        assertThat(seat.standing().holder).isEqualTo(ME);
        seat.unloaded();
        assertThat(seat.standing().holder).isNull();
        assertThat(seat.standing()).as("another time").isNotSameAs(before);
        assertThat(seat.heldRevision()).isZero();
    }

    @Test
    void whoTakesItBackWaitsForTheReleaseInTheStore() throws Exception {
        seat.acquire(ME);
        shard.loop.run();
        activate();
        seat.release();
        shard.loop.run();
        shard.store.holdCommits();
        seat.unloaded();
        HeldStore.Call release = shard.store.take();
        var again = seat.acquire(ME);
        release.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        assertThat(steps).containsExactly("claim", "elect", "active", "resign", "release");
        release.applySilently();
        shard.store.letGo();
        shard.loop.advance(Duration.ofSeconds(1));
        assertThat(steps).endsWith("release", "claim", "elect");
        assertThat(shard.owner()).isEqualTo(new ShardOwner(2, ME));
        assertThat(again).isNotDone();
    }

    @Test
    void releasingWhatIsNotHeldIsDoneAtOnce() {
        assertThat(seat.release()).isCompleted();
        assertThat(steps).isEmpty();
    }
}
