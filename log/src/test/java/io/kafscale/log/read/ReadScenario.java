package io.kafscale.log.read;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.partition.PartitionLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A partition to read from, cold unless told otherwise, and what reads have in common. */
abstract class ReadScenario {
    static final Knobs COLD =
            Knobs.defaults().tail(0).blocks(4 << 10).readAhead(0).topic(Knobs.topic(1 << 20, Duration.ofMinutes(10)));

    LogFixture fixture = new LogFixture(COLD);
    PartitionLog log = fixture.create(0);

    void use(Knobs knobs) {
        fixture = new LogFixture(knobs);
        log = fixture.create(0);
    }

    /** Batches of ten records, each batch about 1 KiB, in one WAL object each. */
    void append(int batches) {
        for (int i = 0; i < batches; i++) {
            long first = log.logEnd();
            String[] values = IntStream.range(0, 10)
                    .mapToObj(n -> "%090d".formatted(first + n))
                    .toArray(String[]::new);
            fixture.append(log, Batches.of(START_MS + first, values), Acknowledge.ASSIGNED);
            fixture.wal().flush();
        }
    }

    void writeSegment() {
        fixture.time.advance(Duration.ofMinutes(11));
        assertThat(log.stored().segmentEnd()).isEqualTo(log.logEnd());
    }

    CompletableFuture<BatchSlices> read(long offset, int maxBytes) {
        return fixture.session().reader.read(log, offset, maxBytes, true, new Pins());
    }

    List<Long> offsets(BatchSlices read) {
        return Batches.records(read.slices()).stream().map(Batches.Read::offset).toList();
    }

    void assertWhole(long from) {
        assertThat(fixture.readAll(log, from, 3_000))
                .extracting(Batches.Read::offset)
                .containsExactlyElementsOf(
                        LongStream.range(from, log.highWatermark()).boxed().toList());
        assertThat(fixture.readAll(log, from, 3_000))
                .allSatisfy(record -> assertThat(Long.parseLong(record.value())).isEqualTo(record.offset()));
    }

    String kfs(long base) {
        return log.stored().place().segmentKey(fixture.layout, base);
    }

    String index(long base) {
        return log.stored().place().indexKey(fixture.layout, base);
    }

    void flipBit(String key, int position) {
        byte[] bytes = fixture.store.bytes(key);
        bytes[position] ^= 4;
        fixture.store.overwrite(key, bytes);
    }
}
