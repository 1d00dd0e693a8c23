package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.cluster.PartitionId;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FirstAppendsTest {
    private static final UUID TOPIC = new UUID(1, 2);

    private final Queue<Runnable> loop = new ArrayDeque<>();
    private int flushes;
    private final FirstAppends first = new FirstAppends(loop::add, () -> flushes++);

    private static PartitionId partition(int number) {
        return new PartitionId(TOPIC, number);
    }

    private void expect(int partitions) {
        for (int number = 0; number < partitions; number++) {
            first.expect(partition(number));
        }
    }

    private void append(int number) {
        first.appended(partition(number));
    }

    private void runLoop() {
        while (!loop.isEmpty()) {
            loop.remove().run();
        }
    }

    @Test
    void theFirstAppendOfAPartitionIsFlushedAtOnceAndNoOther() {
        // Given
        expect(1);
        // When
        append(0);
        runLoop();
        append(0);
        append(1);
        runLoop();
        // Then
        assertThat(flushes).isEqualTo(1);
    }

    @Test
    void whatIsAppendedInTheSameMomentSharesAFlush() {
        expect(5);
        for (int number = 0; number < 5; number++) {
            append(number);
        }
        runLoop();
        assertThat(flushes).isEqualTo(1);
    }

    @Test
    void aTakeoverCostsFewFlushesHoweverManyPartitionsItTook() {
        expect(1_000);
        for (int number = 0; number < 1_000; number++) {
            append(number);
            runLoop();
        }
        assertThat(flushes).isEqualTo(FirstAppends.MOST_FLUSHES);
        // And the next one has its own
        expect(1);
        append(0);
        runLoop();
        assertThat(flushes).isEqualTo(FirstAppends.MOST_FLUSHES + 1);
    }

    @Test
    void aPartitionThatIsGivenUpIsNotWaitedFor() {
        expect(1);
        first.forget(partition(0));
        append(0);
        runLoop();
        assertThat(flushes).isZero();
    }
}
