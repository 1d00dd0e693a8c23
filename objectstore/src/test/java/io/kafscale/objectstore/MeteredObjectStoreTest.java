package io.kafscale.objectstore;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static io.kafscale.objectstore.RequestLog.Request.delete;
import static io.kafscale.objectstore.RequestLog.Request.get;
import static io.kafscale.objectstore.RequestLog.Request.getRange;
import static io.kafscale.objectstore.RequestLog.Request.getTail;
import static io.kafscale.objectstore.RequestLog.Request.list;
import static io.kafscale.objectstore.RequestLog.Request.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.RequestObserver.Finished;
import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MeteredObjectStoreTest {
    private final SteppedLoop clock = new SteppedLoop();

    @Test
    void everyCallIsReportedWithItsBytesTimeAndOutcome() {
        List<Finished> seen = new ArrayList<>();
        ObjectStore store =
                new MeteredObjectStore(new InMemoryObjectStore(clock, clock.time()), seen::add, clock.time());
        // When
        var put = store.putIfAbsent("a/object", Payload.of(ByteBuffer.allocate(100)));
        var again = store.putIfAbsent("a/object", Payload.of(ByteBuffer.allocate(50)));
        clock.advance(Duration.ofNanos(5));
        var whole = store.get("a/object", 1000);
        var tooLarge = store.get("a/object", 10);
        var range = store.getRange("a/object", 90, 20);
        var tail = store.getTail("a/object", 30);
        var missing = store.get("a/other", 10);
        var page = store.list("a/", "", 10);
        var deleted = store.delete(List.of("a/object", "a/other"));
        clock.advance(Duration.ofNanos(7));
        // Then
        assertThat(List.of(put, again, whole, range, tail, page, deleted)).allMatch(f -> f.isDone());
        assertThat(failure(tooLarge).kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(failure(missing).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(seen)
                .containsExactly(
                        new Finished(StoreOperation.PUT, "a/object", 100, 0, null),
                        new Finished(StoreOperation.PUT, "a/object", 50, 0, null),
                        new Finished(StoreOperation.GET, "a/object", 100, 0, null),
                        new Finished(StoreOperation.GET, "a/object", 0, 0, Kind.TOO_LARGE),
                        new Finished(StoreOperation.GET_RANGE, "a/object", 10, 0, null),
                        new Finished(StoreOperation.GET_TAIL, "a/object", 30, 0, null),
                        new Finished(StoreOperation.GET, "a/other", 0, 0, Kind.NOT_FOUND),
                        new Finished(StoreOperation.LIST, "a/", 0, 0, null),
                        new Finished(StoreOperation.DELETE, "a/object", 0, 0, null));
    }

    @Test
    void latencyIsFromTheCallToItsEnd() {
        List<Finished> seen = new ArrayList<>();
        var slow = new InMemoryObjectStore(task -> clock.schedule(Duration.ofMillis(3), task), clock.time());
        ObjectStore store = new MeteredObjectStore(slow, seen::add, clock.time());
        // When
        store.list("", "", 1);
        clock.advance(Duration.ofSeconds(1));
        // Then
        assertThat(seen).extracting(Finished::latencyNanos).containsExactly(3_000_000L);
    }

    @Test
    void aRequestLogTellsWhatSomethingCosts() {
        var log = new RequestLog();
        ObjectStore store = new MeteredObjectStore(InMemoryObjectStore.inline(), log, clock.time());
        // When
        await(store.putIfAbsent("a", Payload.of()));
        await(store.get("a", 1));
        await(store.getRange("a", 0, 1));
        await(store.getTail("a", 1));
        await(store.list("p", "", 1));
        await(store.delete(List.of("a", "b")));
        // Then
        assertThat(log.requests())
                .containsExactly(put("a"), get("a"), getRange("a"), getTail("a"), list("p"), delete("a"));
        assertThat(log.count(StoreOperation.PUT)).isOne();
        log.clear();
        assertThat(log.requests()).isEmpty();
    }

    @Nested
    class Contract extends ObjectStoreContract {
        @Override
        protected ObjectStore openStore() {
            return new MeteredObjectStore(InMemoryObjectStore.inline(), new RequestLog(), clock.time());
        }
    }
}
