package io.kafscale.format;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Record batches from a seed, with dense offsets. */
public final class RandomBatches {
    private final SplittableRandom random;
    private long nextOffset;
    private int leaderEpoch;

    public RandomBatches(SplittableRandom random, long firstOffset, int leaderEpoch) {
        this.random = random;
        this.nextOffset = firstOffset;
        this.leaderEpoch = leaderEpoch;
    }

    public List<ByteBuffer> take(int batches) {
        var taken = new ArrayList<ByteBuffer>(batches);
        for (int i = 0; i < batches; i++) {
            taken.add(next());
        }
        return taken;
    }

    public void newLeader() {
        leaderEpoch++;
    }

    /** The next batch, somewhere inside a larger array, as batches are when they come from a request. */
    public ByteBuffer next() {
        var encoder = RecordBatchEncoder.at(nextOffset).leaderEpoch(leaderEpoch);
        if (random.nextBoolean()) {
            encoder.producer(random.nextInt(4), random.nextInt(2), random.nextInt(Integer.MAX_VALUE));
        }
        int records = 1 + random.nextInt(10);
        for (int i = 0; i < records; i++) {
            byte[] value = new byte[random.nextInt(50)];
            random.nextBytes(value);
            encoder.add(1_700_000_000_000L + random.nextInt(100_000), random.nextBoolean() ? null : value, value);
        }
        nextOffset += records;
        return inside(encoder.encode(), random.nextInt(20), random.nextInt(20));
    }

    /** The same bytes with others before and behind them in one array, as a slice or as position and limit. */
    public static ByteBuffer inside(ByteBuffer bytes, int before, int behind) {
        var outer = ByteBuffer.allocate(before + bytes.remaining() + behind);
        outer.position(before).put(bytes.duplicate()).flip().position(before);
        return behind % 2 == 0 ? outer.slice() : outer;
    }

    public static ByteBuffer joined(List<ByteBuffer> buffers) {
        var whole = ByteBuffer.allocate(
                buffers.stream().mapToInt(ByteBuffer::remaining).sum());
        buffers.forEach(buffer -> whole.put(buffer.duplicate()));
        return whole.flip();
    }

    public static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
