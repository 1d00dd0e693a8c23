package io.kafscale.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnsentAnswersTest {
    private static final int CAPACITY = 64 << 20;
    private static final int BATCH = 1 << 20;
    private final UnsentAnswers unsent = new UnsentAnswers(CAPACITY);

    @Test
    void aFetchGetsWhatItWantsWhileThereIsRoom() {
        var share = unsent.share("a");
        assertThat(share.grant(1000)).isEqualTo(1000);
        assertThat(share.wasRefused()).isFalse();
        share.settle(900);
        assertThat(unsent.usedBytes()).isEqualTo(900);
        share.release();
        assertThat(unsent.usedBytes()).isZero();
    }

    @Test
    void aSecondAttemptToReadReplacesTheFirst() {
        var share = unsent.share("a");
        share.grant(1000);
        share.grant(10);
        assertThat(unsent.usedBytes()).isEqualTo(10);
    }

    @Test
    void readersThatTakeNothingAwayFillNoMoreThanTheBoundAndOneBatchEach() {
        // Given very many connections, each of which asks several times and never reads
        int connections = 500;
        List<UnsentAnswers.Share> shares = new ArrayList<>();
        for (int i = 0; i < 4 * connections; i++) {
            var share = unsent.share("slow-" + i % connections);
            int granted = share.grant(50 << 20);
            share.settle(granted == 1 ? BATCH : granted);
            shares.add(share);
        }

        // Then
        assertThat(unsent.usedBytes()).isLessThanOrEqualTo(CAPACITY + (long) connections * BATCH);
        assertThat(shares.getLast().wasRefused()).isTrue();

        // And one that does read still gets on, batch by batch
        for (int i = 0; i < 3; i++) {
            var share = unsent.share("quick");
            assertThat(share.grant(50 << 20)).isEqualTo(1);
            share.settle(BATCH);
            share.release();
        }

        // And everything comes back
        shares.forEach(UnsentAnswers.Share::release);
        assertThat(unsent.usedBytes()).isZero();
    }

    @Test
    void anAnswerThatComesAfterItsConnectionHasGoneHoldsNothing() {
        var share = unsent.share("a");
        share.grant(1000);
        share.release();
        share.settle(1000);
        assertThat(unsent.usedBytes()).isZero();
    }
}
