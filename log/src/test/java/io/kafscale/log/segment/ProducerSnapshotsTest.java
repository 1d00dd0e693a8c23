package io.kafscale.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateBuilder;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.PartitionLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProducerSnapshotsTest {
    private record Sent(long producer, short epoch, BatchEntry batch) {}

    private static ProducerStateSnapshot replay(ProducerStateSnapshot before, List<Sent> sent) {
        var builder = new ProducerStateBuilder(before);
        sent.forEach(each -> builder.append(each.producer(), each.epoch(), each.batch()));
        return builder.snapshot();
    }

    @Test
    void joiningIsReplayingInOneGoEvenWhereTheStretchesOverlap() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            // Given batches of three producers, whose epochs only grow
            var all = new ArrayList<Sent>();
            short[] epochs = new short[3];
            for (int offset = 0; offset < 30; offset++) {
                int producer = random.nextInt(3);
                if (random.nextInt(12) == 0) {
                    epochs[producer]++;
                }
                all.add(new Sent(producer, epochs[producer], new BatchEntry(offset, offset, offset, 1)));
            }
            int cut = random.nextInt(31);
            int overlap = random.nextInt(1 + cut);

            // When
            var before = replay(ProducerStateSnapshot.EMPTY, all.subList(0, cut));
            var later = replay(ProducerStateSnapshot.UNKNOWN, all.subList(cut - overlap, 30));

            // Then
            assertThat(ProducerSnapshots.joined(before, later))
                    .as("seed %d", seed)
                    .isEqualTo(replay(ProducerStateSnapshot.EMPTY, all));
        }
    }

    private final LogFixture fixture =
            new LogFixture(Knobs.defaults().topic(Knobs.topic(1 << 20, Duration.ofMinutes(10))));
    private PartitionLog log = fixture.create(0);

    private void segmentOf(long producer, int firstSequence) {
        fixture.appendDurably(log, Batches.by(producer, 0, firstSequence, 1));
        fixture.time.advance(Duration.ofMinutes(11));
        assertThat(log.stored().waiting().isEmpty()).isTrue();
    }

    private List<Long> producersAfterTakeover() {
        fixture.takeOver();
        log = fixture.log(0);
        return fixture.get(log.producers()).stream()
                .map(producer -> producer.producerId())
                .toList();
    }

    @Test
    void indexesThatWereRebuiltAreFollowedBackToOneThatKnowsAll() {
        // Given three segments, the last two of which lost their indexes
        segmentOf(1, 0);
        segmentOf(2, 0);
        segmentOf(3, 0);
        fixture.store.remove(log.stored().place().indexKey(fixture.layout, 1));
        fixture.store.remove(log.stored().place().indexKey(fixture.layout, 2));

        // Then
        assertThat(producersAfterTakeover()).containsExactly(1L, 2L, 3L);
        fixture.settle();
        assertThat(producersAfterTakeover()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void producersBehindAGapAreForgotten() {
        // Given a segment that is missing between two others
        segmentOf(1, 0);
        segmentOf(2, 0);
        segmentOf(3, 0);
        fixture.store.remove(log.stored().place().indexKey(fixture.layout, 2));
        fixture.store.remove(log.stored().place().indexKey(fixture.layout, 1));
        fixture.store.remove(log.stored().place().segmentKey(fixture.layout, 1));

        // Then what the first one knows may be out of date
        assertThat(producersAfterTakeover()).containsExactly(3L);
    }

    @Test
    void aDamagedSegmentCostsItsProducersAndNotThePartition() {
        segmentOf(1, 0);
        fixture.store.overwrite(log.stored().place().indexKey(fixture.layout, 0), new byte[5]);
        fixture.store.overwrite(log.stored().place().segmentKey(fixture.layout, 0), new byte[50]);
        assertThat(producersAfterTakeover()).isEmpty();
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 1, 1)).baseOffset())
                .isEqualTo(1);
    }
}
