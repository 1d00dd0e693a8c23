package io.kafscale.log.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockMemoryTest {
    private static final int MIB = 1 << 20;

    private final BlockMemory memory = new BlockMemory(8 * MIB);

    @Test
    void whatIsGivenBackIsUsedAgain() {
        ByteBuffer first = memory.take(MIB);
        assertThat(memory.takenBytes()).isEqualTo(MIB);
        memory.giveBack(first);
        assertThat(memory.takenBytes()).isZero();
        for (int i = 0; i < 1_000; i++) {
            ByteBuffer again = memory.take(MIB);
            assertThat(again.isDirect()).isTrue();
            memory.giveBack(again);
        }
    }

    @Test
    void beyondItsBoundItIsHeapMemory() {
        List<ByteBuffer> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(memory.take(MIB));
        }
        assertThat(memory.takenBytes()).isBetween(4L * MIB, 8L * MIB);
        assertThat(all.getLast().isDirect()).isFalse();
        all.forEach(memory::giveBack);
        assertThat(memory.takenBytes()).isZero();
        assertThat(memory.take(9 * MIB).isDirect()).isFalse();
        assertThat(memory.take(10).isDirect()).isFalse();
    }

    @Test
    void whatIsGivenBackTwiceIsFoundOut() {
        ByteBuffer buffer = memory.take(MIB);
        memory.giveBack(buffer);
        assertThatThrownBy(() -> memory.giveBack(buffer)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.giveBack(ByteBuffer.allocateDirect(MIB)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whoReadsOnAfterGivingBackFindsNonsense() {
        ByteBuffer buffer = memory.take(MIB);
        buffer.put(0, (byte) 7);
        memory.giveBack(buffer);
        assertThat(buffer.get(0)).isNotEqualTo((byte) 7);
    }

    @Test
    void noTwoShareAByte() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        List<ByteBuffer> taken = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            if (taken.size() > 40 || (!taken.isEmpty() && random.nextInt(3) == 0)) {
                ByteBuffer buffer = taken.remove(random.nextInt(taken.size()));
                byte mark = buffer.get(0);
                for (int at = 0; at < buffer.limit(); at++) {
                    assertThat(buffer.get(at)).as("seed %d", seed).isEqualTo(mark);
                }
                memory.giveBack(buffer);
            } else {
                ByteBuffer buffer = memory.take(1 + random.nextInt(random.nextBoolean() ? 100_000 : 5_000));
                assertThat(buffer.position()).isZero();
                for (int at = 0; at < buffer.limit(); at++) {
                    buffer.put(at, (byte) i);
                }
                taken.add(buffer);
            }
        }
        taken.forEach(memory::giveBack);
        assertThat(memory.takenBytes()).isZero();
    }
}
