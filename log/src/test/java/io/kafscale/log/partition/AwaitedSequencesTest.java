package io.kafscale.log.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AwaitedSequencesTest {
    private final LogFixture fixture = new LogFixture();
    private final PartitionLog log = fixture.create(0);

    /** What the engine does with an append that it could not take now. */
    private void refuse(ByteBuffer batches) {
        var request = new AppendRequest(log.id(), batches, Acknowledge.DURABLE, 0, OptionalInt.empty());
        fixture.awaited.refused(request, log::knowsProducer);
    }

    private Kind refusal(ByteBuffer batches) {
        return fixture.failure(fixture.append(log, batches));
    }

    @Test
    void aBatchDoesNotOvertakeOneThatWasRefusedBeforeAnythingOfItsProducerWasTaken() {
        // Given
        refuse(Batches.by(1, 0, 0, 3));

        // When
        assertThat(refusal(Batches.by(1, 0, 3, 2))).isEqualTo(Kind.NOT_LEADER);

        // Then
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 0, 3)).baseOffset())
                .isZero();
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 3, 2)).baseOffset())
                .isEqualTo(3);
    }

    @Test
    void theFirstOfAllThatWereRefusedComesFirst() {
        refuse(Batches.by(1, 0, 3, 1));
        refuse(Batches.by(1, 0, 2, 1));
        refuse(Batches.by(1, 0, 4, 1));
        assertThat(refusal(Batches.by(1, 0, 3, 1))).isEqualTo(Kind.NOT_LEADER);
        fixture.appendDurably(log, Batches.by(1, 0, 2, 1));
        fixture.appendDurably(log, Batches.by(1, 0, 3, 1));
        assertThat(log.highWatermark()).isEqualTo(2);
    }

    @Test
    void anUnknownProducerMayStartAnywhereIfNothingOfItWasRefused() {
        refuse(Batches.by(2, 0, 0, 1));
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 7, 1)).baseOffset())
                .isZero();
    }

    @Test
    void anotherEpochIsAnotherBeginning() {
        refuse(Batches.by(1, 0, 5, 1));
        assertThat(fixture.appendDurably(log, Batches.by(1, 1, 9, 1)).baseOffset())
                .isZero();
    }

    @Test
    void nobodyIsWaitedForLongerThanItTakesHoweverOftenTheNextOneComes() {
        refuse(Batches.by(1, 0, 0, 1));
        for (int i = 0; i < 70; i++) {
            refuse(Batches.by(1, 0, 1, 1));
            fixture.time.advance(Duration.ofSeconds(1));
        }
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 1, 1)).baseOffset())
                .isZero();
    }

    @Test
    void manyProducersDoNotFillTheMemory() {
        refuse(Batches.by(1, 0, 0, 1));
        for (int producer = 2; producer <= 10_001; producer++) {
            refuse(Batches.by(producer, 0, 0, 1));
        }
        assertThat(refusal(Batches.by(2, 0, 1, 1))).isEqualTo(Kind.NOT_LEADER);
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 1, 1)).baseOffset())
                .isZero();
    }

    @Test
    void whatIsNoBatchIsNotWaitedFor() {
        refuse(ByteBuffer.allocate(7));
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 1, 1)).baseOffset())
                .isZero();
    }
}
