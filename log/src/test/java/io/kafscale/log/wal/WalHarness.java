package io.kafscale.log.wal;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.StreamId;
import io.kafscale.log.LogException;
import io.kafscale.log.LogSettings;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** A writer of stream 7-1 on a scripted store, in simulated time. */
final class WalHarness implements WalListener {
    static final StreamId STREAM = new StreamId(7, 1);
    static final StreamId SUCCESSOR = new StreamId(7, 2);
    static final WalSettings UNLIMITED = WalSettings.of(LogSettings.defaults());

    final SimulatedTime time = new SimulatedTime(1_700_000_000_000L);
    final ScriptedStore objects = new ScriptedStore(time);
    final EventLoop loop = time.newLoop("log");
    final WalStore store;
    final WalSettings settings;
    final List<CommittedObject> committed = new ArrayList<>();

    @Nullable
    LogException fenced;

    private @Nullable WalWriter writer;

    WalHarness(WalSettings settings) {
        this(settings, 42);
    }

    WalHarness(WalSettings settings, long seed) {
        this.settings = settings;
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.store = new WalStore(objects, new ObjectLayout("test"), loop, random);
    }

    /** Starts the stream; the store is idle again afterwards and has no requests on record. */
    static WalHarness started(WalSettings settings) {
        return new WalHarness(settings).start();
    }

    WalHarness start() {
        var created = create(STREAM);
        time.advance(Duration.ofSeconds(5));
        writer = created.join().orElseThrow();
        objects.requests().clear();
        return this;
    }

    CompletableFuture<Optional<WalWriter>> create(StreamId stream) {
        return new WalStreams(store, settings).create(stream, "cluster", 17, this);
    }

    WalWriter writer() {
        if (writer == null) {
            throw new IllegalStateException("not started");
        }
        return writer;
    }

    static WalSettings paced(double ratePerSecond) {
        var s = UNLIMITED;
        return new WalSettings(
                ratePerSecond,
                s.flushBurst(),
                s.flushBytes(),
                s.bufferBytes(),
                s.maxInFlight(),
                s.retry(),
                s.attemptTimeout(),
                s.hedgeAfter(),
                s.collectGrace(),
                s.directoryBytes());
    }

    /** Small objects, quick retries. */
    static WalSettings small(int flushBytes, int maxInFlight) {
        var s = UNLIMITED;
        return new WalSettings(
                s.flushRatePerSecond(),
                s.flushBurst(),
                flushBytes,
                s.bufferBytes(),
                maxInFlight,
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1)),
                s.attemptTimeout(),
                s.hedgeAfter(),
                s.collectGrace(),
                s.directoryBytes());
    }

    String key(long sequence) {
        return store.key(STREAM, sequence);
    }

    void advanceMs(long ms) {
        time.advance(Duration.ofMillis(ms));
    }

    /** Runs what a future needs, and returns its value or throws its failure. */
    <T> T await(CompletableFuture<T> future) {
        for (int seconds = 0; seconds < 600 && !future.isDone(); seconds++) {
            time.advance(Duration.ofSeconds(1));
        }
        if (!future.isDone()) {
            throw new AssertionError("not done in ten minutes");
        }
        return future.join();
    }

    List<Long> putSequences() {
        return objects.requests("put").stream()
                .map(put -> store.layout().parseWalKey(put.key()).orElseThrow().sequence())
                .toList();
    }

    @Override
    public void fenced(LogException cause) {
        if (fenced != null) {
            throw new AssertionError("fenced twice");
        }
        fenced = cause;
    }

    @Override
    public void objectCommitted(CommittedObject object) {
        committed.add(object);
    }
}
