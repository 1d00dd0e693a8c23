package io.kafscale.log.read;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.FailedFuture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.PartitionLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One flipped bit or one cut, anywhere in anything stored: nothing wrong is ever read, and only what was hit is missing. */
class BitFlipTest {
    private static final int BATCHES = 12;
    private static final int RECORDS = 5;

    private final LogFixture fixture = new LogFixture(
            Knobs.defaults().tail(0).blocks(600).readAhead(0).topic(Knobs.topic(1 << 20, Duration.ofMinutes(10))));
    private PartitionLog log = fixture.create(0);
    private final Map<Long, String> truth = new TreeMap<>();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    private void write() {
        for (int i = 0; i < BATCHES; i++) {
            String[] values = new String[RECORDS];
            for (int r = 0; r < RECORDS; r++) {
                values[r] = "record " + (RECORDS * i + r) + " " + "x".repeat(random.nextInt(40));
                truth.put((long) RECORDS * i + r, values[r]);
            }
            fixture.append(log, Batches.of(START_MS + i, values), Acknowledge.ASSIGNED);
            if (i % 3 == 2) {
                fixture.wal().flush();
            }
        }
    }

    /** Offsets that cannot be read; everything else is checked. */
    private List<Long> unreadable() {
        var missing = new ArrayList<Long>();
        for (long offset : truth.keySet()) {
            try {
                var read = fixture.get(fixture.session().reader.read(log, offset, 1, true, new Pins()));
                var records = Batches.records(read.slices());
                assertThat(records).isNotEmpty();
                assertThat(records.getFirst().offset()).isLessThanOrEqualTo(offset);
                records.forEach(record -> assertThat(record.value()).isEqualTo(truth.get(record.offset())));
            } catch (FailedFuture failed) {
                assertThat(failed.getCause())
                        .isInstanceOfSatisfying(
                                LogException.class,
                                cause -> assertThat(cause.kind()).isEqualTo(Kind.CORRUPT));
                missing.add(offset);
            }
        }
        return missing;
    }

    private List<Long> afterFlipping(String key, byte[] intact, int position, int bit) {
        byte[] flipped = intact.clone();
        flipped[position] = (byte) (flipped[position] ^ (1 << bit));
        return after(key, intact, flipped);
    }

    private List<Long> after(String key, byte[] intact, byte[] damaged) {
        fixture.store.overwrite(key, damaged);
        fixture.takeOver();
        log = fixture.log(0);
        List<Long> missing = unreadable();
        fixture.store.overwrite(key, intact);
        return missing;
    }

    private static void assertOneBatchAtMost(List<? extends Long> missing) {
        assertThat(missing).hasSizeLessThanOrEqualTo(RECORDS);
        if (!missing.isEmpty()) {
            long base = missing.getFirst() / RECORDS * RECORDS;
            assertThat(missing).allMatch(offset -> offset / RECORDS * RECORDS == base);
        }
    }

    @Test
    void aFlippedBitInASegmentCostsOneBatchAtMost() {
        write();
        fixture.time.advance(Duration.ofMinutes(11));
        String key = log.stored().place().segmentKey(fixture.layout, 0);
        byte[] intact = fixture.store.bytes(key);
        for (int i = 0; i < 150; i++) {
            int position = random.nextInt(intact.length);
            List<Long> missing = afterFlipping(key, intact, position, random.nextInt(8));
            assertThat(missing).as("seed %d, position %d", seed, position).satisfies(BitFlipTest::assertOneBatchAtMost);
        }
    }

    @Test
    void aFlippedBitInAnIndexCostsNoRecord() {
        write();
        fixture.time.advance(Duration.ofMinutes(11));
        String key = log.stored().place().indexKey(fixture.layout, 0);
        byte[] intact = fixture.store.bytes(key);
        for (int i = 0; i < 150; i++) {
            int position = random.nextInt(intact.length);
            assertThat(afterFlipping(key, intact, position, random.nextInt(8)))
                    .as("seed %d, position %d", seed, position)
                    .isEmpty();
        }
    }

    @Test
    void aFlippedBitInAWalObjectCostsOneBatchAtMost() {
        // Given a leader that knows the footers; what a damaged footer costs a takeover is the takeover's business
        write();
        String key = fixture.layout.walKey(fixture.session().stream, 2);
        byte[] intact = fixture.store.bytes(key);
        for (int i = 0; i < 150; i++) {
            int position = random.nextInt(intact.length);
            fixture.takeOver();
            log = fixture.log(0);
            byte[] flipped = intact.clone();
            flipped[position] = (byte) (flipped[position] ^ (1 << random.nextInt(8)));
            fixture.store.overwrite(key, flipped);
            List<Long> missing = unreadable();
            fixture.store.overwrite(key, intact);
            assertThat(missing).as("seed %d, position %d", seed, position).satisfies(BitFlipTest::assertOneBatchAtMost);
        }
    }

    @Test
    void aSegmentThatIsCutOffServesWhatIsLeft() {
        write();
        fixture.time.advance(Duration.ofMinutes(11));
        String key = log.stored().place().segmentKey(fixture.layout, 0);
        byte[] intact = fixture.store.bytes(key);
        List<Long> before = List.of();
        for (int length = intact.length; length >= 0; length -= 1 + random.nextInt(60)) {
            List<Long> missing = after(key, intact, Arrays.copyOf(intact, length));
            assertThat(missing).as("seed %d, length %d", seed, length).containsAll(before);
            boolean suffix = missing.isEmpty() || missing.getLast() == truth.size() - 1L;
            assertThat(suffix).isTrue();
            before = missing;
        }
        assertThat(before).hasSizeGreaterThan(RECORDS * (BATCHES - 2));
    }

    @Test
    void anIndexThatIsCutOffCostsNoRecord() {
        write();
        fixture.time.advance(Duration.ofMinutes(11));
        String key = log.stored().place().indexKey(fixture.layout, 0);
        byte[] intact = fixture.store.bytes(key);
        for (int length = 0; length < intact.length; length += 1 + random.nextInt(40)) {
            assertThat(after(key, intact, Arrays.copyOf(intact, length)))
                    .as("seed %d, length %d", seed, length)
                    .isEmpty();
        }
    }
}
