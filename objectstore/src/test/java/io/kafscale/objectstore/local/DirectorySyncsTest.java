package io.kafscale.objectstore.local;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.objectstore.local.DirectorySyncs.SyncFailedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DirectorySyncsTest {
    private static final Path ONE = Path.of("one");
    private static final Path TWO = Path.of("two");

    private final GatedSync disk = new GatedSync();
    private final DirectorySyncs syncs = new DirectorySyncs(disk);
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void everybodyIsAnswered() throws InterruptedException {
        disk.gate.release(1_000);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Syncs on a thread of its own. */
    private CompletableFuture<Void> sync(Path directory) {
        var done = new CompletableFuture<Void>();
        threads.add(Thread.ofPlatform().start(() -> {
            try {
                syncs.sync(directory);
                done.complete(null);
            } catch (IOException | RuntimeException failed) {
                done.completeExceptionally(failed);
            }
        }));
        return done;
    }

    /** Syncs on a thread of its own, which waits for another fsync when this returns. */
    private CompletableFuture<Void> waitingSync(Path directory) {
        CompletableFuture<Void> done = sync(directory);
        Thread thread = threads.getLast();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return done;
    }

    private static Throwable failure(CompletableFuture<Void> future) throws Exception {
        try {
            future.get(10, SECONDS);
        } catch (ExecutionException failed) {
            return requireNonNull(failed.getCause());
        }
        throw new AssertionError("it did not fail");
    }

    @Test
    void whoWaitsSharesTheNextFsyncAndNeverTheOneUnderWay() throws Exception {
        // Given
        var first = sync(ONE);
        disk.begun.acquire();
        var second = waitingSync(ONE);
        var third = waitingSync(ONE);
        // When
        disk.gate.release();
        first.get(10, SECONDS);
        disk.begun.acquire();
        // Then
        assertThat(second).isNotDone();
        assertThat(third).isNotDone();
        disk.gate.release();
        second.get(10, SECONDS);
        third.get(10, SECONDS);
        assertThat(disk.count).hasValue(2);
    }

    @Test
    void directoriesDoNotWaitForEachOther() throws Exception {
        var one = sync(ONE);
        var two = sync(TWO);
        disk.begun.acquire(2);
        disk.gate.release(2);
        one.get(10, SECONDS);
        two.get(10, SECONDS);
        assertThat(disk.count).hasValue(2);
    }

    /** The kernel reports what it could not write once: another fsync of the same directory would succeed. */
    @Test
    void nobodyIsToldThatItIsOnTheDiskAfterAFailureHadBeenReportedToAnother() throws Exception {
        // Given
        disk.failing = true;
        var first = sync(ONE);
        disk.begun.acquire();
        var second = waitingSync(ONE);
        // When
        disk.gate.release();
        // Then
        assertThat(failure(first)).isInstanceOf(SyncFailedException.class).hasMessageContaining("no fsync today");
        disk.failing = false;
        assertThat(failure(second)).isInstanceOf(SyncFailedException.class);
        assertThatThrownBy(() -> syncs.sync(ONE)).isInstanceOf(SyncFailedException.class);
        assertThatThrownBy(() -> syncs.sync(TWO)).isInstanceOf(SyncFailedException.class);
        assertThat(disk.count).hasValue(1);
    }

    @Test
    void aDirectoryThatIsGoneIsNoFailureOfTheDisk() throws Exception {
        disk.gate.release(2);
        disk.gone = true;
        assertThatThrownBy(() -> syncs.sync(ONE)).isInstanceOf(NoSuchFileException.class);
        disk.gone = false;
        syncs.sync(ONE);
        assertThat(disk.count).hasValue(2);
    }

    /** Syncs only when it is let, and fails when it is told. */
    private static final class GatedSync implements DiskSync {
        final Semaphore begun = new Semaphore(0);
        final Semaphore gate = new Semaphore(0);
        final AtomicInteger count = new AtomicInteger();
        volatile boolean failing;
        volatile boolean gone;

        @Override
        public void file(FileChannel file) {
            throw new AssertionError("no file is synced here");
        }

        @Override
        public void directory(Path directory) throws IOException {
            count.incrementAndGet();
            begun.release();
            gate.acquireUninterruptibly();
            if (failing) {
                throw new IOException("no fsync today");
            }
            if (gone) {
                throw new NoSuchFileException(directory.toString());
            }
        }
    }
}
