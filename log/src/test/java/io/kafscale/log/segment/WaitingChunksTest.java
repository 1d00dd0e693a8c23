package io.kafscale.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.format.StreamId;
import io.kafscale.runtime.ByteBudget;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WaitingChunksTest {
    private final ByteBudget directory = new ByteBudget("directory", 1 << 20);
    private final WaitingChunks waiting = new WaitingChunks(directory);

    private static WaitingChunk chunk(long baseOffset, long lastOffset) {
        int length = (int) (lastOffset - baseOffset + 1) * 10;
        return new WaitingChunk(new StreamId(1, 1), 1, 56, length, 0, 0, baseOffset, lastOffset, -1, 0);
    }

    @Test
    void chunksFollowEachOther() {
        waiting.add(chunk(5, 9));
        assertThatThrownBy(() -> waiting.add(chunk(11, 12))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> waiting.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void bytesAreCountedFromTheChunkThatHoldsAnOffset() {
        waiting.add(chunk(5, 9));
        waiting.add(chunk(10, 11));
        assertThat(waiting.bytesFrom(0, 1_000)).isEqualTo(70);
        assertThat(waiting.bytesFrom(7, 1_000)).isEqualTo(70);
        assertThat(waiting.bytesFrom(7, 30)).isEqualTo(50);
        assertThat(waiting.bytesFrom(10, 1_000)).isEqualTo(20);
        assertThat(waiting.bytesFrom(12, 1_000)).isZero();
    }

    /** Against a plain queue, with its budget. */
    @Test
    void manyChunksComeAndGo() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        Deque<WaitingChunk> model = new ArrayDeque<>();
        long next = 0;
        for (int step = 0; step < 20_000; step++) {
            boolean shrink = random.nextInt(step / 2_000 % 2 == 0 ? 8 : 2) == 0;
            if (shrink && !model.isEmpty()) {
                long below = model.getFirst().baseOffset() + random.nextInt(40);
                var removed = waiting.removeBelow(below);
                for (WaitingChunk chunk : removed) {
                    assertThat(chunk).isEqualTo(model.removeFirst());
                }
                assertThat(model.isEmpty() || model.getFirst().lastOffset() >= below)
                        .isTrue();
            } else {
                WaitingChunk chunk = chunk(next, next + random.nextInt(5));
                next = chunk.lastOffset() + 1;
                waiting.add(chunk);
                model.addLast(chunk);
            }
            assertThat(waiting.size()).as("seed %d", seed).isEqualTo(model.size());
            assertThat(directory.used()).isEqualTo((long) model.size() * WaitingChunk.HEAP_BYTES);
            if (!model.isEmpty()) {
                long offset = model.getFirst().baseOffset()
                        + random.nextLong(next - model.getFirst().baseOffset());
                assertThat(waiting.get(waiting.indexOf(offset)))
                        .matches(chunk -> chunk.baseOffset() <= offset && offset <= chunk.lastOffset());
                assertThat(waiting.indexOf(next)).isEqualTo(-1);
            }
        }
        assertThat(waiting.bytes())
                .isEqualTo(model.stream().mapToLong(WaitingChunk::length).sum());
        waiting.forget();
        assertThat(directory.used()).isZero();
    }
}
