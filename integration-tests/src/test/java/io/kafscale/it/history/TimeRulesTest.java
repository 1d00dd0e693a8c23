package io.kafscale.it.history;

import static io.kafscale.it.history.Story.A0;
import static io.kafscale.it.history.Story.ms;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.history.Event.CommitAcked;
import io.kafscale.it.history.Event.CommitAsked;
import io.kafscale.it.history.Event.OffsetFetched;
import io.kafscale.it.history.Event.Resumed;
import io.kafscale.it.history.Event.ServedBy;
import io.kafscale.it.history.Event.Watermark;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Plants in histories what the rules about what is known when must find. */
class TimeRulesTest {
    private static final Duration BOUND = Duration.ofSeconds(3);

    @Nested
    class Watermarks {
        private final Story story = new Story(new WatermarksAreMonotone());

        @Test
        void eachReaderHasItsOwn() {
            story.then(new Watermark("r", 0, 9), new Watermark("s", 0, 5), new Watermark("r", 1, 2))
                    .then(new Watermark("r", 0, 9), new Watermark("s", 0, 6));
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void oneThatGoesBackIsFound() {
            story.then(new Watermark("r", 0, 9), new Watermark("r", 0, 8));
            assertThat(story.violations()).singleElement().asString().contains("comes after 9");
        }

        @Test
        void oneBelowWhatWasReadIsFound() {
            story.reads("r", 9, 0, A0, 0).then(new Watermark("r", 0, 9));
            assertThat(story.violations()).singleElement().asString().contains("comes after 10");
        }

        @Test
        void oneOfABrokerThatGoesBackIsFound() {
            story.then(new ServedBy(1, 0, 9, 0), new ServedBy(2, 0, 8, 0), new ServedBy(1, 0, 8, 0));
            assertThat(story.violations()).singleElement().asString().contains("comes after 9");
        }
    }

    @Nested
    class Staleness {
        private final Story story = new Story(new StalenessIsBounded(BOUND));

        @Test
        void aLeaderMayBeBehindForAWhile() {
            story.at(0).acked(A0, 0, 0).at(1_000).acked(A0, 1, 1);
            story.at(3_500).then(new ServedBy(1, 0, 1, ms(3_400)));
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void oneThatIsBehindForTooLongIsFound() {
            story.at(0).acked(A0, 0, 0).at(1_000).acked(A0, 1, 1);
            story.at(4_200).then(new ServedBy(1, 0, 1, ms(4_100)));
            assertThat(story.violations()).singleElement().asString().contains("though 2 was acknowledged 3000 ms");
        }

        @Test
        void whatWasReadCountsAsAcknowledged() {
            story.at(0).reads("r", 4, 0, A0, 0);
            story.at(4_000).then(new ServedBy(1, 0, 4, ms(3_900)));
            assertThat(story.violations()).hasSize(1);
        }

        @Test
        void theTimeOfAStoppedBrokerCountsFromWhenItRunsAgain() {
            story.at(0).acked(A0, 0, 0).at(60_000).then(new Resumed(1));
            story.at(62_000).then(new ServedBy(1, 0, 0, ms(61_900)));
            assertThat(story.violations()).isEmpty();
            story.at(63_200).then(new ServedBy(1, 0, 0, ms(63_100)));
            assertThat(story.violations()).hasSize(1);
        }
    }

    @Nested
    class Commits {
        private final Story story = new Story(new CommittedOffsetsStay(BOUND));

        @Test
        void whatWasCommittedIsTold() {
            story.at(0).then(new CommitAsked("g", 0, 5), new CommitAcked("g", 0, 5), new CommitAsked("g", 0, 9));
            story.at(5_000).then(new OffsetFetched("g", 0, 5, ms(4_900)), new OffsetFetched("g", 0, 9, ms(4_900)));
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void aLostCommitIsFound() {
            story.at(0).then(new CommitAsked("g", 0, 5), new CommitAcked("g", 0, 5));
            story.at(5_000).then(new OffsetFetched("g", 0, 0, ms(4_900)));
            assertThat(story.violations()).singleElement().asString().contains("5 had been committed");
        }

        @Test
        void aCommitThatWasToldAndGoesBackIsFound() {
            story.at(0).then(new CommitAsked("g", 0, 5), new OffsetFetched("g", 0, 5, 0));
            story.at(5_000).then(new OffsetFetched("g", 0, 0, ms(4_900)));
            assertThat(story.violations()).singleElement().asString().contains("5 had been committed");
        }

        @Test
        void aDeposedCoordinatorMayBeBehindForAWhile() {
            story.at(0).then(new CommitAsked("g", 0, 5)).at(3_000).then(new CommitAcked("g", 0, 5));
            story.at(5_000).then(new OffsetFetched("g", 0, 0, ms(4_900)));
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void anOffsetOutOfNowhereIsFound() {
            story.at(0).then(new CommitAsked("g", 0, 5), new OffsetFetched("g", 0, 6, 0));
            assertThat(story.violations()).singleElement().asString().contains("nobody asked");
        }
    }

    @Nested
    class KnownEndsThat {
        private final KnownEnds ends = new KnownEnds(ms(1_000));

        @Test
        void growAreRemembered() {
            ends.reached(10, 1);
            ends.reached(20, 5);
            ends.reached(30, 4);
            assertThat(ends.knownAt(9)).isZero();
            assertThat(ends.knownAt(10)).isEqualTo(1);
            assertThat(ends.knownAt(25)).isEqualTo(5);
            assertThat(ends.known()).isEqualTo(5);
        }

        @Test
        void areOldAreForgotten() {
            ends.reached(10, 1);
            ends.reached(ms(2_000), 2);
            assertThat(ends.knownAt(10)).isZero();
            assertThat(ends.known()).isEqualTo(2);
        }
    }
}
