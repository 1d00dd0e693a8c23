package io.kafscale.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Damages a stored object in every way of a kind and tells which damage a reader does not see. */
public final class Damage {
    /** Name that readers are to give in their errors. */
    public static final String NAME = "the-object";

    private Damage() {}

    /** Positions of bytes in which a flipped bit goes unnoticed. */
    public static SortedSet<Integer> unseenFlips(ByteBuffer object, Consumer<ByteBuffer> reader) {
        var unseen = new TreeSet<Integer>();
        for (int i = 0; i < object.limit(); i++) {
            for (int bit = 0; bit < 8; bit++) {
                var damaged = copy(object);
                damaged.put(i, (byte) (damaged.get(i) ^ (1 << bit)));
                if (!sees(reader, damaged)) {
                    unseen.add(i);
                }
            }
        }
        return unseen;
    }

    /** Lengths to which the object can be cut without being noticed. */
    public static SortedSet<Integer> unseenCuts(ByteBuffer object, Consumer<ByteBuffer> reader) {
        var unseen = new TreeSet<Integer>();
        for (int length = 0; length < object.limit(); length++) {
            if (!sees(reader, copy(object).limit(length))) {
                unseen.add(length);
            }
        }
        return unseen;
    }

    /** Positions from which on all bytes can be zero, as in a torn write, without being noticed. */
    public static SortedSet<Integer> unseenTears(ByteBuffer object, Consumer<ByteBuffer> reader) {
        var unseen = new TreeSet<Integer>();
        for (int from = 0; from < object.limit(); from++) {
            var damaged = copy(object);
            for (int i = from; i < object.limit(); i++) {
                damaged.put(i, (byte) 0);
            }
            if (!damaged.equals(object) && !sees(reader, damaged)) {
                unseen.add(from);
            }
        }
        return unseen;
    }

    /**
     * Writes lengths that no object has at every place of the object, mends its checksums, and checks that reading it
     * allocates little and ends in nothing but success or the error for damage.
     */
    public static void claimHugeLengths(ByteBuffer object, Consumer<ByteBuffer> mend, Consumer<ByteBuffer> reader) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int claim : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0x7fff_0000, 1 << 24}) {
            for (int i = 0; i + Integer.BYTES <= object.limit(); i++) {
                var damaged = copy(object).putInt(i, claim);
                mend.accept(damaged);
                long before = threads.getCurrentThreadAllocatedBytes();
                sees(reader, damaged);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertThat(allocated).as("%d at %d", claim, i).isLessThan(4 << 20);
            }
        }
    }

    /** Any exception but the one for damage goes through and fails the test. */
    private static boolean sees(Consumer<ByteBuffer> reader, ByteBuffer damaged) {
        try {
            reader.accept(damaged);
            return false;
        } catch (CorruptObjectException e) {
            assertThat(e.object()).isEqualTo(NAME);
            assertThat(e.position()).isNotNegative();
            return true;
        }
    }

    private static ByteBuffer copy(ByteBuffer object) {
        return ByteBuffer.wrap(RandomBatches.bytes(object));
    }
}
