package io.kafscale.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.coordinator.ShardLoad.LoadedTopic;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicPublisherTest {
    private static final GroupTopic A = new GroupTopic(Uuid.randomUuid(), "a", 1);
    private static final GroupTopic B = new GroupTopic(Uuid.randomUuid(), "b", 1);

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private volatile boolean block;
    private volatile boolean fail;
    private final TopicPublisher publisher = new TopicPublisher(this::tell);

    private void tell(MetadataDelta delta, MetadataImage image) {
        told.add("topics "
                + image.topics().topicsByName().keySet().stream().sorted().toList() + " deleted "
                + (delta.topicsDelta() == null
                        ? 0
                        : delta.topicsDelta().deletedTopicIds().size()));
        if (block) {
            TestBroker.until("it is let go", () -> blocked.getCount() == 0);
        }
        if (fail) {
            throw new IllegalStateException("no");
        }
    }

    @AfterEach
    void close() {
        publisher.close();
    }

    private String next() throws InterruptedException {
        String tale = told.poll(TestBroker.DEADLINE_SECONDS, TimeUnit.SECONDS);
        return tale == null ? "nothing" : tale;
    }

    @Test
    void topicsComeAndGo() throws Exception {
        TestBroker.await(publisher.publish(1, List.of()));
        TestBroker.await(publisher.publish(2, List.of(A)));
        TestBroker.await(publisher.publish(3, List.of(A, B)));
        TestBroker.await(publisher.publish(4, List.of(B)));
        assertThat(next()).isEqualTo("topics [] deleted 0");
        assertThat(next()).isEqualTo("topics [a] deleted 0");
        assertThat(next()).isEqualTo("topics [a, b] deleted 0");
        assertThat(next()).isEqualTo("topics [b] deleted 1");
        assertThat(publisher.idOf("b")).isEqualTo(B.id());
        assertThat(publisher.idOf("a")).isEqualTo(Uuid.ZERO_UUID);
    }

    @Test
    void whatDoesNotChangeAnythingIsNotTold() throws Exception {
        TestBroker.await(publisher.publish(1, List.of(A)));
        TestBroker.await(publisher.publish(2, List.of(A)));
        TestBroker.await(publisher.publish(3, List.of(A, B)));
        next();
        assertThat(next()).isEqualTo("topics [a, b] deleted 0");
    }

    @Test
    void anOlderRevisionIsIgnored() {
        TestBroker.await(publisher.publish(5, List.of(A, B)));
        TestBroker.await(publisher.publish(4, List.of(A)));
        assertThat(publisher.idOf("b")).isEqualTo(B.id());
    }

    @Test
    void aPublicationThatWaitsIsOvertaken() throws Exception {
        block = true;
        var first = publisher.publish(1, List.of(A));
        next();
        var second = publisher.publish(2, List.of());
        var third = publisher.publish(3, List.of(A, B));
        block = false;
        blocked.countDown();
        TestBroker.await(first);
        TestBroker.await(second);
        TestBroker.await(third);
        assertThat(next()).isEqualTo("topics [a, b] deleted 0");
        assertThat(told).isEmpty();
    }

    @Test
    void aRefusalFailsThePublicationAndNoLaterOne() {
        fail = true;
        var refused = publisher.publish(1, List.of(A));
        TestBroker.until("it is refused", refused::isCompletedExceptionally);
        fail = false;
        TestBroker.await(publisher.publish(2, List.of(A, B)));
        assertThat(publisher.idOf("b")).isEqualTo(B.id());
    }

    @Test
    void offsetsOfATopicThatTheKnownTopicsShouldHaveAreOfADeletedOne() throws Exception {
        TestBroker.await(publisher.publish(10, List.of(A)));
        next();
        publisher.loaded(Map.of(
                A.id(), new LoadedTopic("a", 3),
                B.id(), new LoadedTopic("b", 10),
                Uuid.randomUuid(), new LoadedTopic("c", 11)));
        assertThat(next()).isEqualTo("topics [a] deleted 1");
        TestBroker.await(publisher.publish(11, List.of(A)));
        assertThat(next()).isEqualTo("topics [a] deleted 1");
        TestBroker.await(publisher.publish(12, List.of(A)));
        assertThat(told).isEmpty();
    }

    @Test
    void aClosedPublisherSaysSo() {
        publisher.close();
        assertThat(publisher.publish(1, List.of())).isCompletedExceptionally();
    }
}
