package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.LogException;
import io.kafscale.log.wal.ScriptedStore.Script;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A writer that appends, flushes and trims on a store that fails in every way it may, while successors seal its stream. Replay one
 * seed with {@code -Dwal.seed=N}.
 */
class RandomWalTest {
    private static final int SEEDS = 500;

    @Test
    void nothingAcknowledgedIsLostAndNothingIsAcknowledgedBehindASeal() {
        Long only = Long.getLong("wal.seed");
        int sealed = 0;
        int fenced = 0;
        for (long seed = only == null ? 0 : only; seed < (only == null ? SEEDS : only + 1); seed++) {
            var world = new World(seed);
            try {
                world.run();
            } catch (Throwable broken) {
                throw new AssertionError("broken by seed " + seed + " (replay: -Dwal.seed=" + seed + ")", broken);
            }
            sealed += world.sealers.isEmpty() ? 0 : 1;
            fenced += world.wal.fenced == null ? 0 : 1;
        }
        if (only == null) {
            assertThat(sealed).isBetween(SEEDS / 3, SEEDS);
            assertThat(fenced).isBetween(SEEDS / 4, SEEDS);
        }
    }

    /** One history. */
    private static final class World {
        private static final Duration TROUBLE = Duration.ofSeconds(40);

        private final RandomGenerator random;
        private final WalHarness wal;
        private final List<TestOwner> owners;
        private final List<Sealer> sealers = new ArrayList<>();
        private final Deque<ChunkRef> needed = new ArrayDeque<>();
        private final Set<Long> acknowledged = new HashSet<>();
        private final double failing;
        private final double slow;
        private final boolean trims;

        World(long seed) {
            random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 31 + 7);
            wal = new WalHarness(settings(random), seed).start();
            owners = IntStream.range(0, 1 + random.nextInt(5))
                    .mapToObj(TestOwner::new)
                    .toList();
            failing = random.nextDouble() * 0.6;
            slow = random.nextDouble() * 0.3;
            trims = random.nextBoolean();
        }

        private static WalSettings settings(RandomGenerator random) {
            return new WalSettings(
                    random.nextBoolean() ? Double.POSITIVE_INFINITY : 5 + random.nextInt(50),
                    1 + random.nextInt(3),
                    300 + random.nextInt(3_000),
                    1 << 20,
                    1 + random.nextInt(8),
                    new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2)),
                    Duration.ofSeconds(1 + random.nextInt(5)),
                    Duration.ofMillis(200 + random.nextInt(2_000)),
                    Duration.ofMillis(500 + random.nextInt(2_000)),
                    random.nextInt(100_000));
        }

        void run() {
            wal.objects.puts(_ -> trouble());
            wal.objects.reads(_ -> random.nextDouble() < failing / 2 ? Kind.UNAVAILABLE : null);
            long sealAtMs = random.nextInt(3) == 0 ? Long.MAX_VALUE : random.nextLong(TROUBLE.toMillis());
            long nowMs = 0;
            while (nowMs < TROUBLE.toMillis()) {
                long stepMs = random.nextInt(4) == 0 ? random.nextInt(2_000) : random.nextInt(20);
                nowMs += stepMs;
                wal.advanceMs(stepMs);
                work();
                if (nowMs >= sealAtMs) {
                    sealAtMs = random.nextBoolean() ? Long.MAX_VALUE : nowMs + random.nextInt(5_000);
                    sealers.add(new Sealer());
                }
            }
            wal.objects.puts(_ -> Script.succeeds());
            wal.objects.reads(_ -> null);
            wal.advanceMs(300_000);
            check();
        }

        private Script trouble() {
            var latency = Duration.ofMillis(random.nextDouble() < slow ? random.nextInt(20_000) : random.nextInt(100));
            if (random.nextDouble() >= failing) {
                return Script.after(latency);
            }
            var kinds = List.of(Kind.OUTCOME_UNKNOWN, Kind.THROTTLED, Kind.CONFLICT, Kind.DENIED);
            return switch (random.nextInt(6)) {
                case 0 -> Script.landsButFails(Kind.OUTCOME_UNKNOWN);
                case 1 -> Script.landsLate(Duration.ofMillis(random.nextInt(60_000)));
                case 2 -> Script.neverAnswers(null);
                case 3 -> Script.neverAnswers(Duration.ofMillis(random.nextInt(60_000)));
                default -> Script.fails(kinds.get(random.nextInt(kinds.size())));
            };
        }

        private void work() {
            noteCommitted();
            if (wal.fenced != null) {
                return;
            }
            for (int i = random.nextInt(6); i > 0; i--) {
                owners.get(random.nextInt(owners.size())).append(wal.writer(), random.nextInt(400));
            }
            if (random.nextInt(20) == 0) {
                wal.writer().flush();
            }
            while (trims && !needed.isEmpty() && random.nextInt(3) > 0) {
                wal.writer().covered(needed.removeFirst().sequence());
            }
        }

        private void noteCommitted() {
            for (TestOwner owner : owners) {
                for (ChunkRef chunk : owner.committed()) {
                    if (acknowledged.add(chunk.sequence() * 100 + chunk.chunk().partition())) {
                        needed.add(chunk);
                    }
                }
            }
        }

        private void check() {
            noteCommitted();
            assertThat(wal.writer().buffer().used()).as("bytes pinned").isZero();
            assertThat(wal.objects.transports()).as("transports").isZero();
            assertThat(wal.time.pending()).as("timers left").isZero();
            if (wal.fenced == null) {
                for (TestOwner owner : owners) {
                    assertThat(owner.highWatermark())
                            .as("all appends are acknowledged")
                            .isEqualTo(owner.logEnd());
                }
            } else {
                assertThat(sealers).as("somebody sealed").isNotEmpty();
                assertThat(wal.fenced.kind()).isEqualTo(LogException.Kind.NOT_LEADER);
            }
            var end =
                    wal.await(new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM));
            for (Sealer sealer : sealers) {
                assertThat(sealer.found).isNotNull();
                assertThat(sealer.found.sealSequence()).as("one end").isEqualTo(end.sealSequence());
                assertThat(sealer.found.trimPosition()).isLessThanOrEqualTo(end.trimPosition());
            }
            checkStream(end);
        }

        private void checkStream(SealedStream end) {
            var chunks = wal.await(new StreamReader(wal.store)
                    .chunks(WalHarness.STREAM, end.sealSequence(), end.trimPosition(), _ -> true));
            var present = new HashSet<>(chunks);
            var stillNeeded = new HashSet<>(needed);
            for (TestOwner owner : owners) {
                for (ChunkRef chunk : owner.committed()) {
                    assertThat(chunk.sequence())
                            .as("acknowledged before the seal")
                            .isLessThan(end.sealSequence());
                    if (chunk.sequence() >= end.trimPosition()) {
                        assertThat(present).contains(chunk);
                    } else {
                        assertThat(stillNeeded).as("trimmed means covered").doesNotContain(chunk);
                    }
                }
            }
            for (ChunkRef chunk : chunks) {
                var whole = wal.await(new StreamReader(wal.store).object(WalHarness.STREAM, chunk.sequence()));
                assertThat(chunk.chunk().crcMatches(chunk.chunk().bytesIn(whole)))
                        .isTrue();
            }
        }

        /** A successor that does not give up. */
        private final class Sealer {
            private @Nullable SealedStream found;

            Sealer() {
                attempt();
            }

            private void attempt() {
                CompletableFuture<SealedStream> sealing =
                        new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM);
                sealing.whenComplete((end, failure) -> {
                    if (failure == null) {
                        found = end;
                    } else if (cause(failure) instanceof StorageException) {
                        wal.loop.schedule(Duration.ofMillis(500), this::attempt);
                    } else {
                        wal.loop.execute(() -> {
                            throw new AssertionError("the seal failed", failure);
                        });
                    }
                });
            }

            private static @Nullable Throwable cause(Throwable failure) {
                return failure instanceof CompletionException ? failure.getCause() : failure;
            }
        }
    }
}
