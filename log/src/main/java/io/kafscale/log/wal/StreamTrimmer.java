package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the objects of the own stream that nobody needs any more: a prefix, in ascending order, below a trim position that a
 * committed object carries, a grace after that became so. The committed object that carries it lies at or behind the position, so
 * the newest committed object always stays. So does the genesis object, as long as the stream is open: it holds what this bucket has
 * seen of the metadata. Log loop only.
 */
final class StreamTrimmer {
    private static final int BATCH = 1000;
    private static final long FIRST_DATA_SEQUENCE = 1;

    private final WalStore store;
    private final StreamId stream;
    private final Duration grace;
    private long committedTrim;
    private long dueTrim;
    private long deletedBelow = FIRST_DATA_SEQUENCE;
    private EventLoop.@Nullable Timer timer;
    private boolean stopped;

    StreamTrimmer(WalStore store, StreamId stream, Duration grace) {
        this.store = store;
        this.stream = stream;
        this.grace = grace;
    }

    /** An object that carries this trim position has been acknowledged. */
    void committed(long trimPosition) {
        committedTrim = Math.max(committedTrim, trimPosition);
        arm();
    }

    private void arm() {
        if (!stopped && timer == null && committedTrim > deletedBelow) {
            dueTrim = committedTrim;
            timer = store.loop().schedule(grace, this::deleteDue);
        }
    }

    /** Deletes what was below the trim position when the grace began; what came later waits for the next one. */
    private void deleteDue() {
        long end = Math.min(dueTrim, deletedBelow + BATCH);
        List<String> keys = LongStream.range(deletedBelow, end)
                .mapToObj(sequence -> store.key(stream, sequence))
                .toList();
        store.whenDone(store.objects().delete(keys), (_, failure) -> deleted(end, failure));
    }

    /** A failed deletion costs nothing but space: it is repeated after another grace. */
    private void deleted(long end, @Nullable Throwable failure) {
        if (stopped) {
            return;
        }
        if (failure == null) {
            deletedBelow = end;
            if (end < dueTrim) {
                deleteDue();
                return;
            }
        }
        timer = null;
        arm();
    }

    /** Deletes nothing more. */
    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
