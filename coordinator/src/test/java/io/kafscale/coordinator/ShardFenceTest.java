package io.kafscale.coordinator;

import static io.kafscale.coordinator.ShardFixture.KEYS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardFenceTest {
    private final ShardFixture shard = new ShardFixture();
    private final List<Long> stored = new ArrayList<>();
    private ShardFence fence = new ShardFence(shard.own("1-1"), 0, shard.access, shard.losses::add);

    @BeforeEach
    void holdCommits() {
        shard.store.holdCommits();
    }

    private void store(String value, long end) {
        var put = new Transaction.Write.Put(KEYS.prefix() + "some-key", Bytes.utf8(value), 0);
        fence.store(List.of(put), end, () -> stored.add(end));
    }

    private HeldStore.Call take() throws InterruptedException {
        return shard.store.take();
    }

    private String value() {
        return shard.memory
                .read(KEYS.prefix() + "some-key")
                .map(key -> key.value().utf8())
                .orElse("");
    }

    private void answerAndRun(HeldStore.Call call) {
        call.answer();
        shard.loop.run();
    }

    @Test
    void writesFollowEachOther() throws Exception {
        store("one", 1);
        answerAndRun(take());
        store("two", 2);
        answerAndRun(take());
        assertThat(stored).containsExactly(1L, 2L);
        assertThat(value()).isEqualTo("two");
        assertThat(shard.snapshot().endOffset()).isEqualTo(2);
    }

    @Test
    void aSecondWriteHasToWait() {
        store("one", 1);
        assertThat(fence.busy()).isTrue();
        assertThatThrownBy(() -> store("two", 2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aWriteThatTookPlaceButWhoseReplyWasLostIsNotSentAgain() throws Exception {
        store("one", 1);
        HeldStore.Call call = take();
        call.applySilently();
        call.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        assertThat(stored).containsExactly(1L);
        assertThat(shard.store.commitsSent()).isEqualTo(1);
        store("two", 2);
        answerAndRun(take());
        assertThat(stored).containsExactly(1L, 2L);
    }

    @Test
    void aWriteThatDidNotTakePlaceIsSentAgainAsItWas() throws Exception {
        store("one", 1);
        HeldStore.Call first = take();
        first.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        assertThat(stored).isEmpty();
        assertThat(fence.busy()).isTrue();
        shard.loop.advance(Duration.ofSeconds(1));
        HeldStore.Call second = take();
        assertThat(second.transaction).isEqualTo(first.transaction);
        answerAndRun(second);
        assertThat(stored).containsExactly(1L);
    }

    @Test
    void aWriteAppliedLateCountsOnceAndTheNextOneIsAfterIt() throws Exception {
        store("one", 1);
        HeldStore.Call late = take();
        late.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        shard.loop.advance(Duration.ofSeconds(1));
        HeldStore.Call again = take();
        late.applySilently();
        answerAndRun(again);
        assertThat(stored).containsExactly(1L);
        store("two", 2);
        answerAndRun(take());
        assertThat(value()).isEqualTo("two");
    }

    @Test
    void aDuplicateThatArrivesAfterItsSuccessorsChangesNothing() throws Exception {
        store("one", 1);
        HeldStore.Call duplicated = take();
        answerAndRun(duplicated);
        store("two", 2);
        answerAndRun(take());
        duplicated.applySilently();
        assertThat(value()).isEqualTo("two");
        assertThat(shard.snapshot().endOffset()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"UNAVAILABLE", "NO_SPACE", "DENIED"})
    void aWriteThatWasRefusedForNowIsSentAgain(Kind kind) throws Exception {
        store("one", 1);
        take().fail(kind);
        shard.loop.run();
        assertThat(shard.losses).isEmpty();
        shard.loop.advance(Duration.ofSeconds(1));
        answerAndRun(take());
        assertThat(stored).containsExactly(1L);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CLOSED", "CORRUPT", "LEASE_GONE"})
    void aStoreThatRefusesForGoodLosesTheShard(Kind kind) throws Exception {
        store("one", 1);
        take().fail(kind);
        shard.loop.run();
        assertThat(shard.losses).hasSize(1);
        assertThat(stored).isEmpty();
    }

    @Test
    void anotherOwnerFencesTheWrite() throws Exception {
        store("one", 1);
        shard.own("2-9");
        answerAndRun(take());
        assertThat(shard.losses)
                .singleElement()
                .satisfies(loss -> assertThat(loss)
                        .hasMessageContaining("2-9")
                        .extracting(ShardLostException::shard)
                        .isEqualTo(ShardFixture.SHARD));
        assertThat(value()).isEmpty();
    }

    @Test
    void anotherOwnersWriteFoundOnReadingBackLosesTheShard() throws Exception {
        store("one", 1);
        HeldStore.Call call = take();
        var other = new ShardFence(shard.own("2-9"), 0, shard.access, shard.losses::add);
        other.store(List.of(), 7, () -> {});
        answerAndRun(take());
        call.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        assertThat(shard.losses).hasSize(1);
        assertThat(stored).isEmpty();
        assertThat(shard.snapshot().endOffset()).isEqualTo(7);
    }

    @Test
    void readingBackIsTriedUntilTheStoreAnswers() throws Exception {
        store("one", 1);
        HeldStore.Call call = take();
        shard.store.hold(held -> true);
        call.applySilently();
        call.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        take().fail(Kind.UNAVAILABLE);
        shard.loop.run();
        assertThat(shard.store.commitsSent())
                .as("nothing is sent while in doubt")
                .isEqualTo(1);
        shard.loop.advance(Duration.ofSeconds(1));
        answerAndRun(take());
        assertThat(stored).containsExactly(1L);
    }

    @Test
    void aClosedFenceReportsNothing() throws Exception {
        store("one", 1);
        HeldStore.Call call = take();
        fence.close();
        answerAndRun(call);
        assertThat(stored).isEmpty();
        assertThat(shard.losses).isEmpty();
    }

    @Test
    void aNewFenceStartsAtTheEndItFinds() throws Exception {
        store("one", 1);
        answerAndRun(take());
        fence = new ShardFence(shard.own("1-1"), shard.snapshot().endRevision(), shard.access, shard.losses::add);
        store("two", 2);
        answerAndRun(take());
        assertThat(stored).containsExactly(1L, 2L);
    }
}
