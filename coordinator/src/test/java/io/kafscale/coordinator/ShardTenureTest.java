package io.kafscale.coordinator;

import static io.kafscale.coordinator.ShardFixture.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.ByteBudget;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class ShardTenureTest {
    private final ShardFixture shard = new ShardFixture();
    private final ByteBudget budget = new ByteBudget("writes", 4 << 20);
    private final List<Long> stored = new ArrayList<>();
    private ShardTenure tenure = open();

    private ShardTenure open() {
        var opened = new ShardTenure(
                shard.own("1-1"), shard.snapshot(), shard.access, budget, (number, lost, why) -> shard.losses.add(why));
        opened.listen(stored::add);
        opened.start();
        shard.loop.run();
        return opened;
    }

    private long append(MemoryRecords records) {
        return tenure.append(records);
    }

    @Test
    void recordsBecomeKeysAndTombstonesRemoveThem() {
        assertThat(append(batch("a", "1", "b", "2"))).isEqualTo(2);
        assertThat(append(batch("a", null, "c", "3"))).isEqualTo(4);
        shard.loop.run();
        assertThat(shard.records()).containsExactly("b=2@1", "c=3@3");
        assertThat(stored.getLast()).isEqualTo(4);
        assertThat(shard.snapshot().endOffset()).isEqualTo(4);
    }

    @Test
    void theRuntimesBufferMayBeReusedAtOnce() {
        MemoryRecords records = batch("a", "1");
        ByteBuffer buffer = records.buffer();
        append(records);
        for (int i = 0; i < buffer.limit(); i++) {
            buffer.put(i, (byte) 0x55);
        }
        shard.loop.run();
        assertThat(shard.records()).containsExactly("a=1@0");
    }

    @Test
    void oneTransactionIsUnderWayAndWhatWaitsIsMerged() throws Exception {
        shard.store.holdCommits();
        append(batch("a", "1"));
        shard.loop.run();
        append(batch("a", "2"));
        append(batch("b", "3"));
        append(batch("a", "4", "c", null));
        shard.loop.run();
        HeldStore.Call first = shard.store.take();
        assertThat(shard.store.heldNow())
                .as("transactions under way besides the first")
                .isZero();
        first.answer();
        shard.loop.run();
        HeldStore.Call second = shard.store.take();
        assertThat(second.transaction.orElseThrow().writes().stream().map(Transaction.Write::key))
                .containsExactly(
                        ShardFixture.KEYS.end(),
                        ShardFixture.KEYS.prefix() + "r/1/b",
                        ShardFixture.KEYS.prefix() + "r/1/a",
                        ShardFixture.KEYS.prefix() + "r/1/c");
        second.answer();
        shard.loop.run();
        assertThat(stored).containsExactly(1L, 5L);
        assertThat(shard.records()).containsExactly("b=3@2", "a=4@3");
    }

    @Test
    void noBatchIsSplitOverTransactions() {
        shard.store.holdCommits();
        append(batch("first", ""));
        append(batch(100, "x", "1"));
        append(batch(100, "y", "2"));
        shard.store.letGo();
        shard.loop.run();
        assertThat(stored).containsExactly(101L, 201L);
    }

    @Test
    void aBatchBeyondOneTransactionCountsFromItsWriteAheadValue() throws Exception {
        append(batch("x5", "before", "y", "kept"));
        shard.loop.run();
        shard.store.holdCommits();
        append(batch(1_000, "x", "now"));
        shard.loop.run();
        shard.store.take().answer();
        shard.loop.run();
        assertThat(stored).containsExactly(2L, 1_002L);
        assertThat(shard.snapshot().leftovers()).hasSize(1);
        assertThat(shard.records())
                .as("a loader sees the whole batch")
                .hasSize(1_001)
                .contains("y=kept@1", "x5=now@7", "x999=now@1001");
        shard.store.letGo();
        shard.loop.run();
        assertThat(shard.snapshot().leftovers()).isEmpty();
        assertThat(shard.records()).hasSize(1_001).contains("y=kept@1", "x5=now@7", "x999=now@1001");
        assertThat(stored).containsExactly(2L, 1_002L);
        assertThat(budget.used()).isZero();
    }

    @Test
    void whatFollowsALargeBatchWaitsUntilItIsSpread() throws Exception {
        shard.store.holdCommits();
        append(batch(300, "x", "1"));
        shard.loop.run();
        append(batch("x7", "2"));
        shard.loop.run();
        int transactions = 0;
        while (shard.store.heldNow() > 0) {
            shard.store.take().answer();
            transactions++;
            shard.loop.run();
        }
        assertThat(transactions)
                .as("write-ahead, three to spread, the follower")
                .isEqualTo(5);
        assertThat(stored).containsExactly(300L, 301L);
        assertThat(shard.records()).hasSize(300).contains("x7=2@300");
    }

    @Test
    void aSpreadThatWasCutAnywhereIsFinishedByTheNextTenure() throws Exception {
        for (int done = 0; done <= 3; done++) {
            int round = done;
            String value = "round" + round;
            shard.store.holdCommits();
            tenure.append(batch(300, "x", value));
            shard.loop.run();
            for (int i = 0; i <= done; i++) {
                shard.store.take().answer();
                shard.loop.run();
            }
            tenure.close();
            shard.store.hold(call -> false);
            List<String> expected = IntStream.range(0, 300)
                    .mapToObj(i -> "x" + i + "=" + value + "@" + (round * 300 + i))
                    .toList();
            assertThat(shard.records()).isEqualTo(expected);
            tenure = open();
            assertThat(shard.snapshot().leftovers()).isEmpty();
            assertThat(shard.records()).isEqualTo(expected);
        }
    }

    @Test
    void tombstonesOfALargeBatchHoldBeforeAndAfterItIsSpread() throws Exception {
        append(batch(200, "x", "1"));
        shard.loop.run();
        String[] deletes = IntStream.range(0, 400)
                .mapToObj(i -> i % 2 == 0 ? "x" + i / 2 : null)
                .toArray(String[]::new);
        shard.store.holdCommits();
        append(batch(deletes));
        shard.loop.run();
        shard.store.take().answer();
        shard.loop.run();
        assertThat(shard.records()).isEmpty();
        shard.store.letGo();
        shard.loop.run();
        assertThat(shard.records()).isEmpty();
        assertThat(shard.memory.list(ShardFixture.KEYS.recordPrefix()).keys()).isEmpty();
    }

    @Test
    void aBatchThatFitsNowhereIsRefusedAndLeavesNoTrace() {
        assertThat(append(batch("a", "1"))).isEqualTo(1);
        String half = "v".repeat(700_000);
        assertThatThrownBy(() -> append(batch("b", half, "c", half, "d", half)))
                .isInstanceOf(RecordTooLargeException.class);
        assertThat(append(batch("d", half, "e", "2"))).isEqualTo(3);
        shard.loop.run();
        assertThat(stored.getLast()).isEqualTo(3);
        assertThat(shard.records()).hasSize(3);
    }

    @Test
    void tooMuchWaitingIsRefusedUntilThereIsRoom() {
        shard.store.holdCommits();
        String value = "v".repeat(1_000_000);
        for (int i = 0; i < 4; i++) {
            append(batch("a" + i, value));
        }
        assertThatThrownBy(() -> append(batch("b", value))).isInstanceOf(NotEnoughReplicasException.class);
        shard.store.letGo();
        shard.loop.run();
        assertThat(append(batch("b", value))).isEqualTo(5);
        shard.loop.run();
        assertThat(budget.used()).isZero();
    }

    @Test
    void anAcknowledgedOffsetNeverCoversWhatIsInDoubt() throws Exception {
        shard.store.holdCommits();
        append(batch("a", "1"));
        shard.loop.run();
        append(batch("a", "2"));
        HeldStore.Call doubtful = shard.store.take();
        doubtful.fail(Kind.OUTCOME_UNKNOWN);
        shard.loop.run();
        assertThat(stored).isEmpty();
        assertThat(shard.store.heldNow()).isZero();
        shard.loop.advance(Duration.ofSeconds(1));
        shard.store.take().answer();
        shard.loop.run();
        assertThat(stored).containsExactly(1L);
        doubtful.applySilently();
        shard.store.letGo();
        shard.loop.run();
        assertThat(stored).containsExactly(1L, 2L);
        assertThat(shard.records()).containsExactly("a=2@1");
    }

    @Test
    void aDrainedTenureHasStoredEverythingAndTakesNothing() throws Exception {
        shard.store.holdCommits();
        append(batch("a", "1"));
        shard.loop.run();
        append(batch("b", "2"));
        List<String> drained = new ArrayList<>();
        tenure.drain(() -> drained.add("drained"));
        shard.loop.run();
        assertThatThrownBy(() -> append(batch("c", "3"))).isInstanceOf(NotLeaderOrFollowerException.class);
        assertThat(drained).isEmpty();
        shard.store.letGo();
        shard.loop.run();
        assertThat(drained).containsExactly("drained");
        assertThat(stored).containsExactly(1L, 2L);
    }

    @Test
    void aClosedTenureReportsNothingAndGivesItsMemoryBack() throws Exception {
        shard.store.holdCommits();
        append(batch("a", "1"));
        shard.loop.run();
        append(batch("b", "2"));
        HeldStore.Call underWay = shard.store.take();
        tenure.close();
        underWay.answer();
        shard.loop.run();
        assertThat(stored).isEmpty();
        assertThat(shard.store.heldNow()).isZero();
        assertThatThrownBy(() -> append(batch("c", "3"))).isInstanceOf(NotLeaderOrFollowerException.class);
        assertThat(budget.used()).isZero();
    }

    @Test
    void aTenureOfAnEarlierOwnerIsFenced() {
        ShardTenure earlier = tenure;
        tenure = open();
        earlier.append(batch("a", "stale"));
        shard.loop.run();
        assertThat(shard.losses).hasSize(1);
        assertThat(shard.records()).isEmpty();
        append(batch("a", "fresh"));
        shard.loop.run();
        assertThat(shard.records()).containsExactly("a=fresh@0");
    }
}
