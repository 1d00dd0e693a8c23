package io.kafscale.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadEventLoopTest {
    @Test
    void runsTasksInOrderOnItsOwnThread() throws Exception {
        List<Integer> seen = new ArrayList<>();
        var onLoop = new CompletableFuture<Boolean>();
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            for (int i = 0; i < 100; i++) {
                int n = i;
                loop.execute(() -> seen.add(n));
            }
            loop.execute(() -> onLoop.complete(loop.inLoop()));
            assertThat(onLoop.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(loop.inLoop()).isFalse();
        }
        assertThat(seen).hasSize(100).isSorted();
    }

    @Test
    void aFailingTaskIsReportedAndTheLoopGoesOn() throws Exception {
        var failure = new CompletableFuture<Throwable>();
        var next = new CountDownLatch(1);
        try (var loop = new ThreadEventLoop("t", (n, e) -> failure.complete(e))) {
            loop.execute(() -> {
                throw new IllegalStateException("boom");
            });
            loop.execute(next::countDown);
            assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessage("boom");
            assertThat(next.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aCancelledTimerDoesNotRun() throws Exception {
        var ran = new ArrayList<String>();
        var done = new CountDownLatch(1);
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            var cancelled = loop.schedule(Duration.ofMillis(5), () -> ran.add("cancelled"));
            cancelled.cancel();
            loop.schedule(Duration.ofMillis(20), () -> {
                ran.add("kept");
                done.countDown();
            });
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ran).containsExactly("kept");
    }
}
