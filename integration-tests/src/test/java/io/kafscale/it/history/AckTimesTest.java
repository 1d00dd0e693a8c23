package io.kafscale.it.history;

import static io.kafscale.it.history.Story.A0;
import static io.kafscale.it.history.Story.ms;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.history.Event.Acked;
import io.kafscale.it.history.Event.Sent;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AckTimesTest {
    private static final Source A1 = new Source("a", 1);

    private final AckTimes times = new AckTimes();
    private final Story story = new Story(times);

    @Test
    void theLongestGapIsThatOfOnePartition() {
        story.at(0).acked(A0, 0, 0).at(100).acked(A1, 0, 0).at(150).acked(A0, 1, 1);
        story.at(900).acked(A1, 1, 1).at(910).acked(A0, 2, 2);
        assertThat(times.longestGap(0)).isEqualTo(Duration.ofMillis(760));
        assertThat(times.longestGap(1)).isEqualTo(Duration.ofMillis(800));
        times.reset();
        assertThat(times.longestGap(1)).isZero();
    }

    @Test
    void onlyARecordThatWasSentAfterTheMarkCounts() {
        // Given
        story.at(0).then(new Sent(A0, 0));
        times.mark(ms(10), Set.of(0, 1));
        // When
        story.at(20).then(new Acked(A0, 0, 0));
        assertThat(times.allAreBack()).isFalse();
        story.at(30).acked(A0, 1, 1).at(50).acked(A1, 0, 0).at(60).acked(A0, 2, 2);
        // Then
        assertThat(times.allAreBack()).isTrue();
        assertThat(times.firstBack()).isEqualTo(Duration.ofMillis(20));
        assertThat(times.lastBack()).isEqualTo(Duration.ofMillis(40));
    }
}
