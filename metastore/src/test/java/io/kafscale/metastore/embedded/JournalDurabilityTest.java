package io.kafscale.metastore.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.ThreadEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is answered before it is on the disk, and nothing is written after the disk has failed. */
class JournalDurabilityTest {
    private final ThreadEventLoop loop = new ThreadEventLoop("metadata", (name, failure) -> {});
    private final GatedDisk disk = new GatedDisk();
    private final EmbeddedMetadataStore store;

    JournalDurabilityTest(@TempDir Path root) {
        disk.gate.release(1_000);
        store = EmbeddedMetadataStore.open(
                root.resolve("metadata"), loop, new EmbeddedSettings(100, 10_000, 1 << 20, 1_000, 50), disk);
        disk.gate.drainPermits();
        disk.waiting.drainPermits();
        disk.forces.set(0);
    }

    @AfterEach
    void close() {
        disk.gate.release(1_000);
        store.close();
        loop.close();
    }

    @Test
    void commitsReadsAndWatchesWaitForTheDisk() throws Exception {
        var watch = new RecordedWatch();
        store.watch("/", 2, watch);
        var commit = put("/a", "1");
        var conflict = store.commit(
                Transaction.builder().requireAbsent("/a").put("/a", Bytes.EMPTY).build());
        var get = store.get("/a");
        var range = store.range("/");
        disk.awaitForce();
        settleLoop();
        assertThat(commit).isNotDone();
        assertThat(conflict).isNotDone();
        assertThat(get).isNotDone();
        assertThat(range).isNotDone();
        assertThat(watch.reports()).isEmpty();
        disk.gate.release(1);
        assertThat(commit.get(10, SECONDS).committed()).isTrue();
        assertThat(conflict.get(10, SECONDS).committed()).isFalse();
        assertThat(get.get(10, SECONDS)).isPresent();
        assertThat(range.get(10, SECONDS).keys()).hasSize(1);
        watch.awaitChanges(1);
    }

    @Test
    void whatGathersDuringOneForceGoesOutWithTheNext() throws Exception {
        var first = put("/a", "1");
        disk.awaitForce();
        var others = new ArrayList<CompletableFuture<CommitResult>>();
        for (int i = 0; i < 20; i++) {
            others.add(put("/b/" + i, "2"));
        }
        settleLoop();
        disk.gate.release(2);
        assertThat(first.get(10, SECONDS).committed()).isTrue();
        for (var other : others) {
            assertThat(other.get(10, SECONDS).committed()).isTrue();
        }
        assertThat(disk.forces).hasValue(2);
    }

    @Test
    void aFailedForceClosesTheStoreForGood() throws Exception {
        var doubtful = put("/a", "1");
        var read = store.get("/a");
        disk.awaitForce();
        settleLoop();
        disk.failing = true;
        disk.gate.release(1);
        assertThat(kindOf(doubtful)).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(kindOf(read)).isEqualTo(Kind.CLOSED);
        assertThat(store.failed().get(10, SECONDS)).hasMessageContaining("the disk is broken");
        disk.failing = false;
        int writes = disk.writes.get();
        assertThat(kindOf(put("/b", "1"))).isEqualTo(Kind.CLOSED);
        assertThat(kindOf(store.get("/a"))).isEqualTo(Kind.CLOSED);
        store.close();
        assertThat(disk.writes).hasValue(writes);
    }

    @Test
    void whatWaitsForTheDiskIsBounded() throws Exception {
        var accepted = put("/a", "x".repeat(1_200));
        disk.awaitForce();
        assertThat(kindOf(put("/b", "1"))).isEqualTo(Kind.UNAVAILABLE);
        for (int i = 0; i < 60; i++) {
            var last = store.get("/a");
            settleLoop();
            if (i >= 49) {
                assertThat(kindOf(last)).isEqualTo(Kind.UNAVAILABLE);
            }
        }
        disk.gate.release(1);
        assertThat(accepted.get(10, SECONDS).committed()).isTrue();
        assertThat(store.get("/b").get(10, SECONDS)).isEmpty();
    }

    private CompletableFuture<CommitResult> put(String key, String value) {
        return store.commit(Transaction.builder().put(key, Bytes.utf8(value)).build());
    }

    /** Returns when the loop has done all it was given. */
    private void settleLoop() throws Exception {
        var done = new CompletableFuture<Boolean>();
        loop.execute(() -> done.complete(true));
        done.get(10, SECONDS);
    }

    private static Kind kindOf(CompletableFuture<?> future) throws Exception {
        try {
            throw new AssertionError("no failure but " + future.get(10, SECONDS));
        } catch (ExecutionException failed) {
            assertThat(failed).hasCauseInstanceOf(MetadataException.class);
            return failed.getCause() instanceof MetadataException cause ? cause.kind() : Kind.CORRUPT;
        }
    }

    @Test
    void closingWritesWhatWasAccepted() throws Exception {
        var commit = put("/a", "1");
        disk.gate.release(1_000);
        store.close();
        assertThat(commit.get(10, SECONDS).committed()).isTrue();
        assertThatThrownBy(() -> store.watch("/", 2, new RecordedWatch())).isInstanceOf(MetadataException.class);
    }

    /** Forces only when it is let, and fails when it is told. */
    private static final class GatedDisk implements Disk {
        private final Disk real = new UnforcedDisk();
        private final Semaphore gate = new Semaphore(0);
        private final Semaphore waiting = new Semaphore(0);
        private final AtomicInteger forces = new AtomicInteger();
        private final AtomicInteger writes = new AtomicInteger();
        private volatile boolean failing;

        void awaitForce() throws InterruptedException {
            assertThat(waiting.tryAcquire(10, SECONDS)).isTrue();
        }

        @Override
        public Output create(Path file) throws IOException {
            Output output = real.create(file);
            if (file.getFileName().toString().startsWith("snapshot")) {
                return output;
            }
            return new Output() {
                @Override
                public void write(ByteBuffer bytes) throws IOException {
                    writes.incrementAndGet();
                    output.write(bytes);
                }

                @Override
                public void force() throws IOException {
                    waiting.release();
                    gate.acquireUninterruptibly();
                    forces.incrementAndGet();
                    if (failing) {
                        throw new IOException("the disk is broken");
                    }
                }

                @Override
                public void close() throws IOException {
                    output.close();
                }
            };
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            real.rename(from, to);
        }

        @Override
        public void delete(Path file) throws IOException {
            real.delete(file);
        }

        @Override
        public void forceDirectory(Path directory) {}
    }
}
