package io.kafscale.objectstore;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.Backoff;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RetryingObjectStoreTest {
    private final SteppedLoop loop = new SteppedLoop();
    private final ScriptedStore flaky = new ScriptedStore();
    private final ObjectStore store = new RetryingObjectStore(
            flaky,
            new RetryingObjectStore.Policy(
                    new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1)), Duration.ofSeconds(5)),
            loop,
            new SplittableRandom(1));

    @Test
    void whatSucceedsIsNotRepeated() {
        await(store.list("a", "", 10));
        assertThat(flaky.calls()).isOne();
    }

    @Test
    void aReadIsRepeatedWithGrowingWaitsUntilItSucceeds() {
        await(flaky.putIfAbsent("object", Payload.of(ByteBuffer.allocate(7))));
        flaky.failNext(Kind.UNAVAILABLE, Kind.THROTTLED, Kind.UNAVAILABLE);
        // When
        var read = store.get("object", 100);
        loop.advance(Duration.ofSeconds(2));
        // Then
        assertThat(await(read).remaining()).isEqualTo(7);
        assertThat(flaky.calls()).isEqualTo(5);
        assertThat(loop.delays()).hasSize(3);
        assertThat(loop.delays().get(0)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(loop.delays().get(1)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
        assertThat(loop.delays().get(2)).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
    }

    @Test
    void allKindsOfReadsListingsAndDeletionsAreRepeated() {
        await(flaky.putIfAbsent("object", Payload.of(ByteBuffer.allocate(7))));
        flaky.failNext(Kind.UNAVAILABLE, Kind.UNAVAILABLE, Kind.UNAVAILABLE, Kind.UNAVAILABLE);
        // When
        var range = store.getRange("object", 0, 3);
        var tail = store.getTail("object", 3);
        var list = store.list("", "", 10);
        var delete = store.delete(List.of("object"));
        loop.advance(Duration.ofSeconds(1));
        // Then
        assertThat(range).isCompleted();
        assertThat(tail).isCompleted();
        assertThat(list).isCompleted();
        assertThat(delete).isCompleted();
    }

    @Test
    void whatWillNotChangeIsNotRepeated() {
        assertThat(failure(store.get("nothing", 10)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure(store.list("", "", 0)).kind()).isEqualTo(Kind.INVALID);
        assertThat(flaky.calls()).isEqualTo(2);
    }

    @Test
    void atTheDeadlineTheLastFailureIsReported() {
        for (int i = 0; i < 100; i++) {
            flaky.failNext(i == 0 ? Kind.THROTTLED : Kind.UNAVAILABLE);
        }
        // When
        var read = store.get("object", 100);
        loop.advance(Duration.ofSeconds(4));
        boolean doneEarly = read.isDone();
        loop.advance(Duration.ofSeconds(2));
        // Then
        assertThat(doneEarly).isFalse();
        assertThat(failure(read).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(flaky.calls()).isBetween(7, 15);
    }

    @Test
    void aPutGoesThroughOnce() {
        flaky.failNext(Kind.OUTCOME_UNKNOWN);
        // When
        var put = store.putIfAbsent("object", Payload.of(ByteBuffer.allocate(1)));
        loop.advance(Duration.ofSeconds(10));
        // Then
        assertThat(failure(put).kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(flaky.calls()).isOne();
    }

    @Test
    void aCallerWhoGaveUpIsNotWorkedFor() {
        flaky.failNext(Kind.UNAVAILABLE);
        var read = store.get("object", 100);
        // When
        read.cancel(false);
        loop.advance(Duration.ofSeconds(10));
        // Then
        assertThat(flaky.calls()).isOne();
    }

    @Nested
    class Contract extends ObjectStoreContract {
        @Override
        protected ObjectStore openStore() {
            return new RetryingObjectStore(
                    InMemoryObjectStore.inline(),
                    new RetryingObjectStore.Policy(
                            new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)), Duration.ofSeconds(1)),
                    loop,
                    new SplittableRandom(1));
        }
    }
}
