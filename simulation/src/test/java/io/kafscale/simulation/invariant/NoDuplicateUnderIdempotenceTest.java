package io.kafscale.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.Observation.Refused;
import io.kafscale.simulation.invariant.Observation.Sent;
import io.kafscale.simulation.invariant.Observation.SentAgain;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The next batch of a producer is never refused, unless it was there, was deleted, and what follows it is still known. */
class NoDuplicateUnderIdempotenceTest {
    private final PartitionFacts partition =
            new TopicFacts("topic", new UUID(1, 2), "topic", 1).partitions().getFirst();
    private final NoDuplicateUnderIdempotence rule = new NoDuplicateUnderIdempotence(TimeSource.system());

    NoDuplicateUnderIdempotenceTest() {
        send(0);
        acknowledge(0, 10);
        send(1);
        send(2);
    }

    @Test
    void aBatchThatWasSentOnceIsNotRefused() {
        partition.requestLogStart(100);
        assertRefusalBreaksTheRule(1);
    }

    @Test
    void aBatchThatComesAgainIsNotRefusedWhileNothingBehindTheOneBeforeItIsDeleted() {
        rule.see(new SentAgain(partition, batch(1)));
        partition.requestLogStart(11);
        assertRefusalBreaksTheRule(1);
    }

    @Test
    void aBatchThatMayHaveBeenDeletedUnseenMayBeRefused() {
        rule.see(new SentAgain(partition, batch(1)));
        partition.requestLogStart(12);
        assertThatCode(() -> refuse(1, Kind.OUT_OF_ORDER_SEQUENCE)).doesNotThrowAnyException();
    }

    @Test
    void aBatchThatIsKnownToBeLeftIsNotRefused() {
        rule.see(new SentAgain(partition, batch(1)));
        acknowledge(1, 15);
        partition.requestLogStart(15);
        assertRefusalBreaksTheRule(1);
        partition.requestLogStart(16);
        assertThatCode(() -> refuse(1, Kind.OUT_OF_ORDER_SEQUENCE)).doesNotThrowAnyException();
    }

    @Test
    void whatWasDeletedExcusesNoOtherRefusal() {
        rule.see(new SentAgain(partition, batch(1)));
        partition.requestLogStart(100);
        assertThatExceptionOfType(InvariantViolation.class).isThrownBy(() -> refuse(1, Kind.INVALID_PRODUCER_EPOCH));
    }

    private void assertRefusalBreaksTheRule(long number) {
        assertThatExceptionOfType(InvariantViolation.class)
                .isThrownBy(() -> refuse(number, Kind.OUT_OF_ORDER_SEQUENCE));
    }

    private void send(long number) {
        rule.see(new Sent(partition, batch(number)));
    }

    private void acknowledge(long number, long offset) {
        partition.acknowledged(batch(number), offset);
        rule.see(new Acknowledged(
                Known.now(partition, "broker", false),
                batch(number),
                new AppendResult(offset, offset, 0, Long.MAX_VALUE, false)));
    }

    private void refuse(long number, Kind kind) {
        rule.see(new Refused(partition, batch(number), new LogException(kind, "refused")));
    }

    private SentBatch batch(long number) {
        return new SentBatch(partition.id(), 1, number, 1, true, true, Long.MAX_VALUE, 100);
    }
}
