package io.kafscale.log.segment;

import static io.kafscale.log.fixture.LogFixture.START_MS;

import io.kafscale.format.segment.SegmentFile;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.PartitionLog;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A partition whose small segments are written soon, and what tests of the writer have in common. */
abstract class SegmentScenario {
    static final Knobs SMALL = Knobs.defaults().topic(Knobs.topic(4_000, Duration.ofMinutes(10)));

    LogFixture fixture = new LogFixture(SMALL);
    PartitionLog log = fixture.create(0);

    void use(Knobs knobs) {
        fixture = new LogFixture(knobs);
        log = fixture.create(0);
    }

    void append(int bytes) {
        fixture.append(log, Batches.sized(START_MS, bytes), Acknowledge.ASSIGNED);
        fixture.wal().flush();
    }

    String kfs(long baseOffset) {
        return log.stored().place().segmentKey(fixture.layout, baseOffset);
    }

    String index(long baseOffset) {
        return log.stored().place().indexKey(fixture.layout, baseOffset);
    }

    SegmentFile segment(long baseOffset) {
        return SegmentFile.parse(ByteBuffer.wrap(fixture.store.bytes(kfs(baseOffset))), kfs(baseOffset));
    }
}
