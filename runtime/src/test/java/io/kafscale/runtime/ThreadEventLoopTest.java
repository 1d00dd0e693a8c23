package io.kafscale.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
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

    @Test
    void timersRunInTheOrderInWhichTheyAreDueWhoeverSetsThem() throws Exception {
        List<String> seen = new ArrayList<>();
        var done = new CountDownLatch(1);
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            loop.schedule(Duration.ofMillis(60), done::countDown);
            loop.execute(() -> {
                loop.schedule(Duration.ofMillis(30), () -> seen.add("third"));
                loop.schedule(Duration.ofMillis(10), () -> seen.add("second"));
                loop.schedule(Duration.ofNanos(-5), () -> seen.add("first"));
            });
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(seen).containsExactly("first", "second", "third");
    }

    @Test
    void theLoopSleepsUntilAllExpectedTasksHaveCome() throws Exception {
        List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
        var done = new CountDownLatch(3);
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            Thread thread = expecting(loop, 3, Duration.ofHours(1));
            for (int i = 0; i < 3; i++) {
                int n = i;
                assertThat(seen).isEmpty();
                assertThat(thread.getState()).isEqualTo(Thread.State.TIMED_WAITING);
                // When
                loop.executeExpected(() -> {
                    seen.add(n);
                    done.countDown();
                });
            }
            // Then
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(seen).containsExactly(0, 1, 2);
        }
    }

    @Test
    void anotherTaskWakesTheLoopThatExpectsMore() throws Exception {
        var seen = new CountDownLatch(2);
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            expecting(loop, 3, Duration.ofHours(1));
            loop.executeExpected(seen::countDown);
            // When
            loop.execute(seen::countDown);
            // Then
            assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whatIsExpectedAndDoesNotComeIsWaitedForNoLongerThanWasSaid() throws Exception {
        var first = new CountDownLatch(1);
        var second = new CountDownLatch(1);
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            expecting(loop, 5, Duration.ofMillis(5));
            // When
            loop.executeExpected(first::countDown);
            // Then
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
            loop.executeExpected(second::countDown);
            assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The thread of the loop, which expects so many tasks and sleeps. */
    private static Thread expecting(ThreadEventLoop loop, int tasks, Duration most) throws Exception {
        var thread = new CompletableFuture<Thread>();
        loop.execute(() -> {
            loop.expect(tasks, most);
            thread.complete(Thread.currentThread());
        });
        while (thread.get(10, TimeUnit.SECONDS).getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        return thread.get();
    }

    @Test
    void manyThreadsHandOverAndNothingIsLostOrSleptThrough() throws Exception {
        int threads = 8;
        int each = 20_000;
        var seen = new int[threads];
        var outOfOrder = new ArrayList<Integer>();
        var done = new CountDownLatch(threads);
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            for (int t = 0; t < threads; t++) {
                int sender = t;
                Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        int number = i;
                        loop.execute(() -> {
                            if (seen[sender]++ != number) {
                                outOfOrder.add(number);
                            }
                        });
                    }
                    loop.execute(done::countDown);
                });
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(outOfOrder).isEmpty();
        assertThat(seen).containsOnly(each);
    }

    @Test
    void closingRunsWhatIsQueuedDropsWhatIsScheduledAndRefusesTheRest() throws Exception {
        var ran = new ArrayList<String>();
        var loop = new ThreadEventLoop("t", (n, e) -> {});
        var hold = new CountDownLatch(1);
        loop.execute(() -> awaitQuietly(hold));
        loop.execute(() -> ran.add("queued"));
        loop.schedule(Duration.ofMinutes(1), () -> ran.add("scheduled"));
        var closer = Thread.ofPlatform().start(loop::close);
        hold.countDown();
        closer.join();
        assertThat(ran).containsExactly("queued");
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.schedule(Duration.ZERO, () -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aTaskThatLeavesAnInterruptBehindDoesNotKeepTheLoopFromWaiting() throws Exception {
        var done = new CountDownLatch(1);
        var interrupted = new CompletableFuture<Boolean>();
        try (var loop = new ThreadEventLoop("t", (n, e) -> {})) {
            loop.execute(() -> Thread.currentThread().interrupt());
            loop.schedule(Duration.ofMillis(20), () -> {
                interrupted.complete(Thread.currentThread().isInterrupted());
                done.countDown();
            });
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(interrupted.join()).isFalse();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
