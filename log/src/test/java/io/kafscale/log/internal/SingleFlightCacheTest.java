package io.kafscale.log.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SingleFlightCacheTest {
    private final SimulatedTime time = new SimulatedTime(0);
    private final EventLoop loop = time.newLoop("log");
    private final SingleFlightCache<String, String> cache = new SingleFlightCache<>(loop, 10, 4, String::length);
    private final List<CompletableFuture<String>> loads = new ArrayList<>();

    private CompletableFuture<String> get(String key, long expectedBytes) {
        return cache.get(key, expectedBytes, true, this::load);
    }

    private CompletableFuture<String> load() {
        var load = new CompletableFuture<String>();
        loads.add(load);
        return load;
    }

    private void land(int load, String value) {
        loads.get(load).complete(value);
        time.runDue();
    }

    private void put(String key) {
        cache.put(key, key);
    }

    private boolean has(String key) {
        int before = loads.size();
        var found = cache.get(key, 1, false, this::load);
        if (loads.size() > before) {
            cache.invalidate(key);
            loads.getLast().complete("");
            time.runDue();
        }
        return found.isDone() && loads.size() == before;
    }

    @Test
    void aKeyIsLoadedOnceForAllWhoAskMeanwhile() {
        var one = get("a", 1);
        var other = get("a", 1);
        assertThat(loads).hasSize(1);
        land(0, "va");
        assertThat(one).isCompletedWithValue("va");
        assertThat(other).isCompletedWithValue("va");
        assertThat(get("a", 1)).isCompletedWithValue("va");
        assertThat(cache.statistics()).isEqualTo(new CacheStatistics(1, 1, 1, 0, 2));
    }

    @Test
    void aFailedLoadAnswersThoseWhoWaitAndIsRepeatedForTheNext() {
        var failing = get("a", 1);
        loads.getFirst().completeExceptionally(new IllegalStateException("broken"));
        time.runDue();
        assertThat(failing).isCompletedExceptionally();
        var again = get("a", 1);
        land(1, "v");
        assertThat(again).isCompletedWithValue("v");
    }

    @Test
    void loadsUnderWayAreBoundedAndTheRestWaitsInItsOrder() {
        get("a", 3);
        var second = get("b", 2);
        var third = get("c", 1);
        assertThat(loads).hasSize(1);
        land(0, "x");
        assertThat(loads).hasSize(3);
        land(1, "b");
        land(2, "c");
        assertThat(second).isCompletedWithValue("b");
        assertThat(third).isCompletedWithValue("c");
    }

    @Test
    void aLoadLargerThanTheBoundGoesAlone() {
        var huge = get("a", 100);
        assertThat(loads).hasSize(1);
        assertThat(cache.prefetch("b", 1, this::load)).isFalse();
        land(0, "much more than there is room for");
        assertThat(huge).isCompletedWithValue("much more than there is room for");
        assertThat(cache.statistics().bytes()).isZero();
    }

    @Test
    void readAheadTakesOnlyRoomThatNobodyWaitsFor() {
        assertThat(cache.prefetch("a", 2, this::load)).isTrue();
        assertThat(cache.prefetch("a", 2, this::load)).isTrue();
        assertThat(cache.prefetch("b", 3, this::load)).isFalse();
        assertThat(loads).hasSize(1);
    }

    @Test
    void whatIsWantedAgainOutlivesAScan() {
        // Given a value that was asked for twice
        put("aa");
        get("aa", 1);

        // When others that fill the cache four times come once
        for (int i = 10; i < 23; i++) {
            put("b" + i);
        }

        // Then
        assertThat(has("aa")).isTrue();
        assertThat(has("b22")).isTrue();
        assertThat(has("b10")).isFalse();
        assertThat(cache.statistics().bytes()).isLessThanOrEqualTo(10);
    }

    @Test
    void whatNobodyUsesAnyMoreLeavesItsRoomToScans() {
        put("aaaaaaaa");
        get("aaaaaaaa", 1);
        for (int i = 10; i < 33; i++) {
            put("b" + i);
        }
        assertThat(has("aaaaaaaa")).isFalse();
        assertThat(has("b32")).isTrue();
        assertThat(has("b31")).isTrue();
        assertThat(has("b30")).isTrue();
    }

    @Test
    void whatTurnsOutToBeWantedAgainIsProtected() {
        put("aa");
        cache.protect("aa");
        cache.protect("not there");
        for (int i = 10; i < 20; i++) {
            put("b" + i);
        }
        assertThat(has("aa")).isTrue();
        assertThat(cache.statistics().bytes()).isLessThanOrEqualTo(10);
    }

    @Test
    void whatIsProtectedFallsBackWhenSomethingElseIsWantedMore() {
        for (String key : List.of("aaaa", "bbbb")) {
            put(key);
            get(key, 1);
        }
        put("cccc");
        get("cccc", 1);
        put("dd");
        assertThat(has("bbbb")).isTrue();
        assertThat(has("cccc")).isTrue();
        assertThat(has("aaaa")).isFalse();
    }

    @Test
    void aLoadThatWasInvalidatedMeanwhileIsAnsweredAndNotKept() {
        var old = get("a", 1);
        cache.invalidate("a");
        var fresh = get("a", 1);
        assertThat(loads).hasSize(2);
        land(1, "new");
        land(0, "old");
        assertThat(old).isCompletedWithValue("old");
        assertThat(fresh).isCompletedWithValue("new");
        assertThat(get("a", 1)).isCompletedWithValue("new");
    }

    @Test
    void aLoaderThatThrowsFailsItsCallersAndNothingElse() {
        var broken = cache.get("a", 4, true, () -> {
            throw new IllegalStateException("cannot start");
        });
        time.runDue();
        assertThat(broken).isCompletedExceptionally();
        get("b", 4);
        assertThat(loads).hasSize(1);
    }

    @Test
    void whatIsKeptNoMoreIsToldOfOnceAndNotBeforeThoseWhoWaitedHaveIt() {
        List<String> events = new ArrayList<>();
        var telling = new SingleFlightCache<String, String>(
                loop, 10, 20, String::length, value -> events.add("forgot " + value));
        // Loaded, but too large to be kept
        telling.get("large", 1, true, this::load).thenAccept(value -> events.add("got " + value));
        land(0, "x".repeat(11));
        assertThat(events).containsExactly("got " + "x".repeat(11), "forgot " + "x".repeat(11));
        events.clear();

        // Invalidated while it is loaded
        telling.get("late", 1, true, this::load).thenAccept(value -> events.add("got " + value));
        telling.invalidate("late");
        land(1, "late");
        assertThat(events).containsExactly("got late", "forgot late");
        events.clear();

        // Replaced, evicted and invalidated
        telling.put("a", "one");
        telling.put("a", "two");
        assertThat(events).containsExactly("forgot one");
        telling.put("b", "eight888");
        assertThat(events).containsExactly("forgot one", "forgot two");
        telling.protect("b");
        telling.invalidate("b");
        telling.invalidate("b");
        assertThat(events).containsExactly("forgot one", "forgot two", "forgot eight888");
        telling.put("c", "x".repeat(12));
        assertThat(events).hasSize(4).last().isEqualTo("forgot " + "x".repeat(12));
    }
}
