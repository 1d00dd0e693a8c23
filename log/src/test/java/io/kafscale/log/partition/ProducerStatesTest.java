package io.kafscale.log.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateBuilder;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.partition.ProducerStates.Verdict;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProducerStatesTest {
    private static final long NOW = 1_700_000_000_000L;

    private final ProducerStates states = new ProducerStates(Duration.ofDays(1));
    private long nextOffset;

    private Verdict check(ByteBuffer... batches) {
        return states.check(RecordBatches.of(Batches.joined(batches), "test"));
    }

    private void accept(ByteBuffer batch) {
        assertThat(check(batch)).isInstanceOf(Verdict.Accepted.class);
        RecordBatchView view = RecordBatchView.at(batch, 0, "test");
        view.setBaseOffset(nextOffset);
        nextOffset = view.lastOffset() + 1;
        states.append(view, NOW);
    }

    /** The table that {@code ProducerAppendInfo.checkSequence} and {@code checkProducerEpoch} of Kafka 4.3.1 amount to. */
    @ParameterizedTest(name = "after epoch {0} sequence {1}: epoch {2} sequence {3} -> {4}")
    @CsvSource({
        // last epoch, last sequence, epoch, sequence, verdict
        "3, 9, 3, 10, ACCEPTED",
        "3, 9, 3, 11, OUT_OF_ORDER_SEQUENCE",
        "3, 9, 3, 8, OUT_OF_ORDER_SEQUENCE",
        "3, 9, 3, 0, OUT_OF_ORDER_SEQUENCE",
        "3, 2147483647, 3, 0, ACCEPTED",
        "3, 2147483647, 3, 1, OUT_OF_ORDER_SEQUENCE",
        "3, 2147483646, 3, 0, OUT_OF_ORDER_SEQUENCE",
        "3, 2147483646, 3, 2147483647, ACCEPTED",
        "3, 9, 4, 0, ACCEPTED",
        "3, 9, 4, 10, OUT_OF_ORDER_SEQUENCE",
        "3, 9, 5, 0, ACCEPTED",
        "3, 9, 2, 10, INVALID_PRODUCER_EPOCH",
        "3, 9, 2, 0, INVALID_PRODUCER_EPOCH"
    })
    void whatFollowsABatchIsDecidedAsInKafka(int lastEpoch, int lastSequence, int epoch, int sequence, String verdict) {
        // Given a last batch of one record
        accept(Batches.by(1, lastEpoch, lastSequence, 1));

        // When
        Verdict next = check(Batches.by(1, epoch, sequence, 2));

        // Then
        assertThat(describe(next)).isEqualTo(verdict);
    }

    private static String describe(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> "ACCEPTED";
            case Verdict.Duplicate duplicate -> "DUPLICATE";
            case Verdict.Refused refused -> refused.cause().kind().name();
        };
    }

    @ParameterizedTest
    @CsvSource({"0", "17", "2147483647"})
    void anUnknownProducerMayStartAnywhere(int sequence) {
        assertThat(check(Batches.by(1, 0, sequence, 1))).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void whatEarlierLeadersTookLastIsRecognisedWhateverFollows() {
        // Given seven batches of earlier leaders, and seven more since
        var replayed = new ProducerStateBuilder(ProducerStateSnapshot.EMPTY);
        for (int i = 0; i < 7; i++) {
            replayed.append(1, (short) 3, new BatchEntry(i, i, 100 + i, NOW));
        }
        states.replay(replayed, NOW);
        for (int i = 7; i < 14; i++) {
            accept(Batches.by(1, 3, i, 1));
        }

        // Then the last five of earlier leaders and the last five of all are known, and only by their exact range
        assertThat(check(Batches.by(1, 3, 2, 1))).isEqualTo(new Verdict.Duplicate(new BatchEntry(2, 2, 102, NOW)));
        assertThat(describe(check(Batches.by(1, 3, 6, 1)))).isEqualTo("DUPLICATE");
        assertThat(describe(check(Batches.by(1, 3, 13, 1)))).isEqualTo("DUPLICATE");
        assertThat(describe(check(Batches.by(1, 3, 1, 1)))).isEqualTo("OUT_OF_ORDER_SEQUENCE");
        assertThat(describe(check(Batches.by(1, 3, 8, 1)))).isEqualTo("OUT_OF_ORDER_SEQUENCE");
        assertThat(describe(check(Batches.by(1, 3, 5, 2)))).isEqualTo("OUT_OF_ORDER_SEQUENCE");
        assertThat(describe(check(Batches.by(1, 2, 6, 1)))).isEqualTo("INVALID_PRODUCER_EPOCH");
    }

    @Test
    void whatEarlierLeadersTookIsForgottenUnderANewEpochAndWithTime() {
        var replayed = new ProducerStateBuilder(ProducerStateSnapshot.EMPTY);
        replayed.append(1, (short) 3, new BatchEntry(0, 0, 100, NOW));
        replayed.append(2, (short) 3, new BatchEntry(0, 0, 101, NOW));
        states.replay(replayed, NOW - ProducerStates.INHERITED.toMillis() + 1);

        // A new epoch
        accept(Batches.by(2, 4, 0, 1));
        assertThat(describe(check(Batches.by(2, 3, 0, 1)))).isEqualTo("INVALID_PRODUCER_EPOCH");

        // Time: six others follow, the last of them when it is over
        for (int i = 1; i < 6; i++) {
            accept(Batches.by(1, 3, i, 1));
        }
        assertThat(describe(check(Batches.by(1, 3, 0, 1)))).isEqualTo("DUPLICATE");
        ByteBuffer last = Batches.by(1, 3, 6, 1);
        states.append(RecordBatchView.at(last, 0, "test"), NOW + 1);
        assertThat(describe(check(Batches.by(1, 3, 0, 1)))).isEqualTo("OUT_OF_ORDER_SEQUENCE");
    }

    @Test
    void theLastFiveBatchesAreRecognisedAndNoOther() {
        // Given six batches of two records
        for (int i = 0; i < 6; i++) {
            accept(Batches.by(1, 0, 2 * i, 2));
        }

        // Then the last five are duplicates, with their own offsets
        for (int i = 1; i < 6; i++) {
            assertThat(check(Batches.by(1, 0, 2 * i, 2)))
                    .isInstanceOfSatisfying(
                            Verdict.Duplicate.class,
                            duplicate -> assertThat(duplicate.original().baseOffset())
                                    .isGreaterThanOrEqualTo(2));
        }
        // and the sixth is out of order, as Kafka answers it
        assertThat(describe(check(Batches.by(1, 0, 0, 2)))).isEqualTo(Kind.OUT_OF_ORDER_SEQUENCE.name());
    }

    @Test
    void aRangeThatIsNotExactlyABatchIsNoDuplicate() {
        accept(Batches.by(1, 0, 0, 4));
        assertThat(describe(check(Batches.by(1, 0, 0, 3)))).isEqualTo("OUT_OF_ORDER_SEQUENCE");
        assertThat(describe(check(Batches.by(1, 0, 2, 2)))).isEqualTo("OUT_OF_ORDER_SEQUENCE");
        assertThat(describe(check(Batches.by(1, 0, 0, 4)))).isEqualTo("DUPLICATE");
    }

    @Test
    void aBatchWhoseSequencesWrapIsRecognised() {
        // Given a batch with sequences MAX-1, MAX, 0, 1
        accept(Batches.by(1, 0, Integer.MAX_VALUE - 1, 4));

        // Then
        assertThat(describe(check(Batches.by(1, 0, Integer.MAX_VALUE - 1, 4)))).isEqualTo("DUPLICATE");
        assertThat(describe(check(Batches.by(1, 0, 2, 1)))).isEqualTo("ACCEPTED");
    }

    @Test
    void aNewEpochForgetsTheBatchesOfTheOldOne() {
        accept(Batches.by(1, 0, 0, 1));
        accept(Batches.by(1, 1, 0, 1));
        assertThat(check(Batches.by(1, 1, 0, 1)))
                .isInstanceOfSatisfying(
                        Verdict.Duplicate.class,
                        duplicate ->
                                assertThat(duplicate.original().baseOffset()).isEqualTo(1));
        assertThat(describe(check(Batches.by(1, 0, 1, 1)))).isEqualTo("INVALID_PRODUCER_EPOCH");
    }

    @Test
    void batchesOfOneAppendFollowEachOtherOrNoneIsAccepted() {
        accept(Batches.by(1, 0, 0, 1));
        assertThat(describe(check(Batches.by(1, 0, 1, 1), Batches.by(1, 0, 2, 1))))
                .isEqualTo("ACCEPTED");
        assertThat(describe(check(Batches.by(1, 0, 1, 1), Batches.by(1, 0, 3, 1))))
                .isEqualTo("OUT_OF_ORDER_SEQUENCE");
        assertThat(describe(check(Batches.by(2, 0, 0, 1), Batches.by(1, 0, 0, 1))))
                .isEqualTo("DUPLICATE");
        assertThat(states.snapshot().producers()).hasSize(1);
    }

    @Test
    void producersExpireByTheTimeOfTheirLastBatch() {
        // Given
        accept(Batches.by(1, 0, 0, 1, NOW - 86_400_000));
        accept(Batches.by(2, 0, 0, 1, NOW - 86_399_999));

        // When
        states.expire(NOW);

        // Then
        assertThat(states.active(NOW)).singleElement().satisfies(producer -> {
            assertThat(producer.producerId()).isEqualTo(2);
            assertThat(producer.lastSequence()).isZero();
        });
    }

    @Test
    void thousandsOfShortLivedProducersDoNotPileUp() {
        for (int id = 0; id < 50_000; id++) {
            accept(Batches.by(id, 0, 0, 1, NOW - 86_400_001));
        }
        assertThat(states.snapshot().producers()).hasSizeLessThan(2_000);
    }

    @Test
    void whatWasKnownBeforeComesBelowWhatWasReplayed() {
        // Given batches 3 to 5 replayed from the WAL
        nextOffset = 3;
        for (int i = 3; i < 6; i++) {
            accept(Batches.by(1, 0, i, 1));
        }
        var earlier = new ProducerStates(Duration.ofDays(1));
        for (int i = 0; i < 4; i++) {
            ByteBuffer batch = Batches.by(1, 0, i, 1);
            RecordBatchView.at(batch, 0, "test").setBaseOffset(i);
            earlier.append(RecordBatchView.at(batch, 0, "test"), NOW);
        }

        // When the index, which goes one batch further than the segment end, says what came before
        states.precede(earlier.snapshot());

        // Then it is as if all had been replayed in one go
        assertThat(states.snapshot().producers().getFirst().batches())
                .extracting(entry -> entry.baseSequence())
                .containsExactly(1, 2, 3, 4, 5);
        assertThat(states.isComplete()).isTrue();
    }

    @Test
    void nothingBeforeIsAPastToo() {
        accept(Batches.by(1, 0, 7, 1));
        states.precede(ProducerStateSnapshot.EMPTY);
        assertThat(List.copyOf(states.snapshot().producers())).hasSize(1);
        assertThat(states.snapshot().complete()).isTrue();
    }
}
