package io.kafscale.format.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.GoldenFile;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RandomBatches;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** What version 1 of the segment's files looks like, forever. */
class SegmentGoldenTest {
    @Test
    void theDataFile() {
        var golden = GoldenFile.requireEqual("segment-v1.kfs", SegmentSamples.bytes());

        var file = SegmentFile.parse(golden, "golden");

        assertThat(file.header()).isEqualTo(new SegmentHeader(1_000, 4, 1_700_000_002_000L));
        assertThat(file.footer().lastOffset()).isEqualTo(1_003);
        var offsets = new ArrayList<Long>();
        file.forEachBatch((batch, _) -> {
            assertThat(batch.crcMatches()).isTrue();
            offsets.add(batch.baseOffset());
        });
        assertThat(offsets).containsExactly(1_000L, 1_002L, 1_003L);
        assertThat(RandomBatches.joined(file.buffers())).isEqualTo(golden);
    }

    @Test
    void theIndexWithoutExtension() {
        var index = SegmentSamples.index().withoutExtension();
        var golden = GoldenFile.requireEqual("segment-v1-plain.index", index.encode());
        assertThat(SegmentIndex.parse(golden, "golden").entries())
                .isEqualTo(index.entries())
                .hasSize(2);
    }

    @Test
    void theIndexWithExtension() {
        var index = SegmentSamples.index();
        var golden = GoldenFile.requireEqual("segment-v1.index", index.encode());

        var read = SegmentIndex.parse(golden, "golden");

        assertThat(read.entries()).isEqualTo(index.entries());
        assertThat(read.extension()).isEqualTo(index.extension());
        assertThat(read.matches(SegmentSamples.file().identity(SegmentSamples.TOPIC_ID, SegmentSamples.PARTITION)))
                .isTrue();
        assertThat(read.extension().orElseThrow().epochs())
                .containsExactly(new EpochStart(5, 1_000), new EpochStart(6, 1_003));
        assertThat(read.extension().orElseThrow().times())
                .containsExactly(new TimeEntry(1_700_000_000_250L, 1_000), new TimeEntry(1_700_000_001_000L, 1_003));
    }

    @Test
    void theIndexOfASegmentWhoseProducersAreNotKnownFromBefore() {
        var source = new IndexSource(
                SegmentSamples.TOPIC_ID,
                SegmentSamples.PARTITION,
                SegmentSamples.INTERVAL,
                ProducerStateSnapshot.UNKNOWN);
        var index = SegmentIndex.rebuild(SegmentSamples.bytes(), "golden", source);
        var golden = GoldenFile.requireEqual("segment-v1-rebuilt.index", index.encode());
        assertThat(SegmentIndex.parse(golden, "golden").extension()).isEqualTo(index.extension());
    }
}
