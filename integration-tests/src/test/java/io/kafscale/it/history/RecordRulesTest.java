package io.kafscale.it.history;

import static io.kafscale.it.history.Story.A0;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.history.Event.AckedBy;
import io.kafscale.it.history.Event.ClientFailed;
import io.kafscale.it.history.Event.LeaderSeen;
import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.ReadFrom;
import io.kafscale.it.history.Event.Sent;
import io.kafscale.it.history.Event.Unsettled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Plants in histories what the rules about records must find. */
class RecordRulesTest {
    private static final Source B0 = new Source("b", 0);

    @Nested
    class Acknowledged {
        private final Story story = new Story(new AcknowledgedIsReadableOnce());

        @Test
        void whatWasAcknowledgedAndReadIsFine() {
            story.acked(A0, 0, 0).begins("r").reads("r", 0, 0, A0, 0).reads("s", 0, 0, A0, 0);
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void whatIsUnsettledMayBeThereOrNot() {
            story.then(new Sent(A0, 0), new Unsettled(A0, 0, "late"), new Sent(A0, 1), new Unsettled(A0, 1, "late"))
                    .begins("r")
                    .reads("r", 0, 0, A0, 1);
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void aLostRecordIsFound() {
            story.acked(A0, 0, 0).acked(A0, 1, 1).begins("r").reads("r", 0, 0, A0, 0);
            assertThat(story.outcome()).singleElement().asString().contains("1 records of a/0 are lost");
        }

        @Test
        void aDoubledRecordIsFound() {
            story.acked(A0, 0, 0).begins("r").reads("r", 0, 0, A0, 0).reads("r", 1, 0, A0, 0);
            assertThat(story.violations()).anySatisfy(found -> assertThat(found).contains("is at 0 and at 1"));
        }

        @Test
        void aRecordElsewhereThanAcknowledgedIsFound() {
            story.acked(A0, 0, 7).begins("r").reads("r", 0, 0, A0, 0);
            assertThat(story.violations()).singleElement().asString().contains("acknowledged at 7, and is at 0");
        }

        @Test
        void anAcknowledgementElsewhereThanReadIsFound() {
            story.then(new Sent(A0, 0)).begins("r").reads("r", 0, 0, A0, 0).then(new Event.Acked(A0, 0, 7));
            assertThat(story.violations()).singleElement().asString().contains("acknowledged at 7, and is at 0");
        }

        @Test
        void aSecondAcknowledgementIsFound() {
            story.acked(A0, 0, 0).then(new AckedBy(1, A0, 0, 4));
            assertThat(story.violations()).singleElement().asString().contains("acknowledged at 0 and at 4");
        }

        @Test
        void aRecordOutOfNowhereIsFound() {
            story.begins("r").reads("r", 0, 0, A0, 0);
            assertThat(story.violations()).singleElement().asString().contains("was never sent");
        }
    }

    @Nested
    class Order {
        private final Story story = new Story(new ProducerOrderKept());

        @Test
        void producersAreIndependentAndAReaderMayBeginAnew() {
            story.begins("r")
                    .reads("r", 0, 0, A0, 5)
                    .reads("r", 1, 0, B0, 2)
                    .reads("r", 2, 0, A0, 6)
                    .begins("r")
                    .reads("r", 0, 0, A0, 5);
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void aSwapIsFound() {
            story.begins("r").reads("r", 0, 0, A0, 6).reads("r", 1, 0, B0, 2).reads("r", 2, 0, A0, 5);
            assertThat(story.violations()).singleElement().asString().contains("comes after");
        }
    }

    @Nested
    class Density {
        private final Story story = new Story(new OffsetsAreDense());

        @Test
        void oneAfterTheOtherIsFine() {
            story.then(new ReadFrom("r", 0, 3)).reads("r", 3, 1, A0, 0).reads("r", 4, 2, A0, 1);
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void aGapIsFound() {
            story.begins("r").reads("r", 0, 0, A0, 0).reads("r", 2, 0, A0, 1);
            assertThat(story.violations()).singleElement().asString().contains("instead of offset 1");
        }

        @Test
        void aStepBackIsFound() {
            story.begins("r").reads("r", 0, 0, A0, 0).reads("r", 0, 0, A0, 0);
            assertThat(story.violations()).singleElement().asString().contains("instead of offset 1");
        }

        @Test
        void anEpochThatFallsIsFound() {
            story.begins("r").reads("r", 0, 3, A0, 0).reads("r", 1, 2, A0, 1);
            assertThat(story.violations()).singleElement().asString().contains("after leader epoch 3");
        }

        @Test
        void aReaderThatNeverBeganIsFound() {
            story.reads("r", 0, 0, A0, 0);
            assertThat(story.violations()).singleElement().asString().contains("before its reader began");
        }
    }

    @Nested
    class Sameness {
        private final Story story = new Story(new SameRecordAtAnOffset());

        @Test
        void theSameForEverybodyIsFine() {
            story.reads("r", 0, 1, A0, 0).reads("s", 0, 1, A0, 0);
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void anotherRecordIsFound() {
            story.reads("r", 0, 1, A0, 0).reads("s", 0, 1, B0, 0);
            assertThat(story.violations()).singleElement().asString().contains("another record");
        }

        @Test
        void anotherEpochIsFound() {
            story.reads("r", 0, 1, A0, 0).reads("s", 0, 2, A0, 0);
            assertThat(story.violations()).singleElement().asString().contains("another record");
        }

        @Test
        void otherBytesAreFound() {
            story.then(new Read("r", 0, 1, A0, 0, 17), new Read("s", 0, 1, A0, 0, 18));
            assertThat(story.violations()).singleElement().asString().contains("another record");
        }
    }

    @Nested
    class Leaders {
        private final Story story = new Story(new OneLeaderPerEpoch());

        @Test
        void eachEpochHasItsLeader() {
            story.then(new LeaderSeen(0, 4, 1), new LeaderSeen(0, 5, 2), new LeaderSeen(0, 4, 1))
                    .then(new AckedBy(2, A0, 0, 0))
                    .reads("r", 0, 5, A0, 0);
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void twoLeadersAreFound() {
            story.then(new LeaderSeen(0, 4, 1), new LeaderSeen(0, 4, 2));
            assertThat(story.violations()).singleElement().asString().contains("broker 1 led in epoch 4");
        }

        @Test
        void anAcknowledgementByAnotherThanTheLeaderIsFound() {
            story.then(new LeaderSeen(0, 4, 1), new AckedBy(2, A0, 0, 0)).reads("r", 0, 4, A0, 0);
            assertThat(story.outcome()).singleElement().asString().contains("broker 1 led in epoch 4");
        }
    }

    @Nested
    class Errors {
        private final Story story = new Story(new NoErrorReachesTheApplication(name -> name.startsWith("probe-")));

        @Test
        void aProbeMayBeRefused() {
            story.then(new Unsettled(new Source("probe-1", 0), 0, "not leader"));
            assertThat(story.outcome()).isEmpty();
        }

        @Test
        void aProducerThatGivesUpIsFound() {
            story.then(new Unsettled(A0, 0, "expired"));
            assertThat(story.violations()).singleElement().asString().contains("expired");
        }

        @Test
        void aClientThatFailsIsFound() {
            story.then(new ClientFailed("reader", "offset out of range"));
            assertThat(story.violations()).singleElement().asString().contains("out of range");
        }
    }
}
