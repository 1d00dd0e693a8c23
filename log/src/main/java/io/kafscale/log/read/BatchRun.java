package io.kafscale.log.read;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.RecordBatchView;
import io.kafscale.log.partition.BatchSlices;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive record batches from one place of one object, verified once: each batch's checksum, and that its offset and leader
 * epoch, which no checksum of the batch covers, are the ones that belong there. Batches that fail are kept out, named by object
 * and position, and cost nothing but themselves. Immutable; any thread.
 */
public final class BatchRun {
    /** What the surroundings say of the batches. */
    interface Expectation {
        /** Offset of the first record. */
        long firstOffset();

        /** The offset up to which there must be records, as far as that is known. */
        long endOffset();

        /** Whether every offset has a record. */
        boolean dense();

        /** Whether a batch at this offset may have this epoch. */
        boolean mayBe(int leaderEpoch, long baseOffset);

        /** The next batch known to start behind {@code offset}: where to go on after damage that hides the end of a batch. */
        Optional<Start> startAfter(long offset);
    }

    /** Where a batch starts: its offset and its position in the object. */
    record Start(long offset, long position) {}

    private record Damage(long firstOffset, long lastOffset, CorruptObjectException cause) {}

    private final ByteBuffer bytes;
    private final int[] starts;
    private final int[] ends;
    private final long[] baseOffsets;
    private final long[] lastOffsets;
    private final List<Damage> damages;

    private BatchRun(Verification verified) {
        this.bytes = verified.bytes;
        this.starts = Arrays.copyOf(verified.starts, verified.count);
        this.ends = Arrays.copyOf(verified.ends, verified.count);
        this.baseOffsets = Arrays.copyOf(verified.baseOffsets, verified.count);
        this.lastOffsets = Arrays.copyOf(verified.lastOffsets, verified.count);
        this.damages = List.copyOf(verified.damages);
    }

    /**
     * Verifies batches.
     *
     * @param bytes whole batches from position to limit; shared
     * @param object name of the object they are of
     * @param objectPosition where in the object they start
     */
    static BatchRun verify(ByteBuffer bytes, String object, long objectPosition, Expectation expectation) {
        return new Verification(bytes.slice(), object, objectPosition, expectation).run();
    }

    /** One pass over the bytes. */
    private static final class Verification {
        private final ByteBuffer bytes;
        private final String object;
        private final long objectPosition;
        private final Expectation expectation;
        private final List<Damage> damages = new ArrayList<>();
        private int[] starts = new int[16];
        private int[] ends = new int[16];
        private long[] baseOffsets = new long[16];
        private long[] lastOffsets = new long[16];
        private int count;
        private int position;
        private long expected;
        private @Nullable CorruptObjectException open;
        private long openFrom;

        Verification(ByteBuffer bytes, String object, long objectPosition, Expectation expectation) {
            this.bytes = bytes;
            this.object = object;
            this.objectPosition = objectPosition;
            this.expectation = expectation;
            this.expected = expectation.firstOffset();
        }

        BatchRun run() {
            while (position < bytes.limit()) {
                try {
                    take(RecordBatchView.at(bytes, position, object));
                } catch (CorruptObjectException unreadable) {
                    damaged(unreadable.title());
                    if (!skipToKnownStart()) {
                        break;
                    }
                }
            }
            if (expected < expectation.endOffset()) {
                damaged("record batches are missing at the end");
            }
            closeDamage(Long.MAX_VALUE);
            return new BatchRun(this);
        }

        private void take(RecordBatchView batch) {
            String problem = problem(batch);
            if (problem == null) {
                closeDamage(batch.baseOffset() - 1);
                add(batch);
                expected = batch.lastOffset() + 1;
                position = batch.end();
                return;
            }
            damaged(problem);
            Optional<Start> known = expectation.startAfter(expected);
            if (known.isPresent() && known.get().position() - objectPosition < batch.end()) {
                goTo(known.get());
            } else {
                expected += batch.lastOffsetDelta() + 1L;
                position = batch.end();
            }
        }

        private @Nullable String problem(RecordBatchView batch) {
            if (!batch.crcMatches()) {
                return "record batch does not match its checksum";
            }
            boolean afterDamage = open != null;
            long least = afterDamage ? openFrom : expected;
            boolean gap = batch.baseOffset() > expected && expectation.dense() && !afterDamage;
            if (batch.baseOffset() < least || gap) {
                return "record batch has an offset that does not belong there";
            }
            return expectation.mayBe(batch.partitionLeaderEpoch(), batch.baseOffset())
                    ? null
                    : "record batch has a leader epoch that does not belong there";
        }

        private void add(RecordBatchView batch) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
                baseOffsets = Arrays.copyOf(baseOffsets, 2 * count);
                lastOffsets = Arrays.copyOf(lastOffsets, 2 * count);
            }
            starts[count] = batch.position();
            ends[count] = batch.end();
            baseOffsets[count] = batch.baseOffset();
            lastOffsets[count] = batch.lastOffset();
            count++;
        }

        private void damaged(String title) {
            if (open == null) {
                open = new CorruptObjectException(title, object, objectPosition + position);
                openFrom = expected;
            }
        }

        private void closeDamage(long lastOffset) {
            if (open != null) {
                damages.add(new Damage(openFrom, lastOffset, open));
                open = null;
            }
        }

        /** The first batch known to start behind this place; the offset counted here may be wrong since the damage began. */
        private boolean skipToKnownStart() {
            Optional<Start> next = expectation.startAfter(openFrom);
            while (next.isPresent() && next.get().position() <= objectPosition + position) {
                next = expectation.startAfter(next.get().offset());
            }
            next.ifPresent(this::goTo);
            return next.isPresent();
        }

        /** To a place that may lie beyond the end, which ends the pass. */
        private void goTo(Start start) {
            position = (int) Math.min(start.position() - objectPosition, bytes.limit());
            expected = start.offset();
        }
    }

    /** Whether a batch failed. */
    public boolean isDamaged() {
        return !damages.isEmpty();
    }

    /** What is wrong with the first batch that failed; there must be one. */
    public CorruptObjectException firstDamage() {
        return damages.getFirst().cause();
    }

    /** Number of intact batches. */
    public int count() {
        return baseOffsets.length;
    }

    /** An intact batch. */
    public RecordBatchView batch(int i) {
        return RecordBatchView.at(bytes, starts[i], "verified batches");
    }

    /** The first intact batch with a record at {@code offset} or behind it, or {@link #count()}. */
    public int indexOf(long offset) {
        int found = Arrays.binarySearch(lastOffsets, offset);
        return found >= 0 ? found : -found - 1;
    }

    /**
     * Reads batches from the one that holds {@code offset} on, as far as they are intact and lie below {@code endOffset}.
     *
     * @param atLeastOne whether the first batch is read even if it is larger than {@code maxBytes}
     * @throws CorruptObjectException if the batch that holds {@code offset} is damaged
     */
    public BatchSlices read(long offset, long endOffset, int maxBytes, boolean atLeastOne) {
        int first = indexOf(offset);
        long nextDamage = checkIntact(offset, first);
        int last = first;
        int bytesRead = 0;
        while (last < count() && lastOffsets[last] < endOffset && baseOffsets[last] < nextDamage) {
            int size = ends[last] - starts[last];
            if (size > maxBytes - bytesRead && !(atLeastOne && last == first)) {
                break;
            }
            bytesRead += size;
            last++;
        }
        if (last == first) {
            return BatchSlices.none(offset);
        }
        ByteBuffer slice =
                bytes.slice(starts[first], ends[last - 1] - starts[first]).asReadOnlyBuffer();
        return new BatchSlices(List.of(slice), bytesRead, lastOffsets[last - 1] + 1);
    }

    /** Where the first damage behind {@code offset} starts. */
    private long checkIntact(long offset, int first) {
        for (Damage damage : damages) {
            boolean holds = damage.firstOffset() <= offset && offset <= damage.lastOffset();
            boolean intact = first < count() && baseOffsets[first] <= offset;
            if (holds && !intact) {
                throw damage.cause();
            }
            if (damage.firstOffset() > offset) {
                return damage.firstOffset();
            }
        }
        return Long.MAX_VALUE;
    }

    /** Estimate of the memory it takes, in bytes, the bytes of the batches included. */
    public long memoryBytes() {
        return 160 + bytes.capacity() + 24L * baseOffsets.length;
    }
}
