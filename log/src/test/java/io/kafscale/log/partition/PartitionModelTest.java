package io.kafscale.log.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.FailedFuture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.read.Pins;
import io.kafscale.log.segment.SegmentSettings;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.Backoff;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Partitions against plain lists: random appends, flushes, crashes at any moment, segment writes, evictions, retention, deletions
 * and failures of the store, after each of which everything readable must be what the list says.
 */
class PartitionModelTest {
    private static final int PARTITIONS = 3;
    private static final int STEPS = 120;

    /** What a partition must hold. */
    private static final class Model {
        record Stored(String value, long timestampMs, int epoch) {}

        final List<Stored> records = new ArrayList<>();
        final Deque<Sent> unacknowledged = new ArrayDeque<>();
        long landed;
        long durable;
        int nextSequence;
        int sends;
    }

    /** A batch of the partition's idempotent producer. */
    private static final class Sent {
        final int firstSequence;
        final List<String> values;
        final long timestampMs;
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();

        Sent(int firstSequence, List<String> values, long timestampMs) {
            this.firstSequence = firstSequence;
            this.values = values;
            this.timestampMs = timestampMs;
        }
    }

    private Random random = new Random(0);
    private LogFixture fixture = new LogFixture();
    private final List<Model> models = new ArrayList<>();
    private boolean storeFails;

    static LongStream seeds() {
        long fresh = System.nanoTime();
        return LongStream.concat(LongStream.range(0, 60), LongStream.range(fresh, fresh + 20));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsReadIsWhatWasAcknowledged(long seed) {
        random = new Random(seed);
        fixture = new LogFixture(knobs(), seed);
        for (int i = 0; i < PARTITIONS; i++) {
            fixture.create(i);
            models.add(new Model());
        }
        try {
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            heal();
            fixture.wal().flush();
            models.forEach(model -> settleProducer(models.indexOf(model)));
            for (int i = 0; i < PARTITIONS; i++) {
                landed(i);
                checkAll(i);
            }
            assertThat(fixture.damages).isEmpty();
        } catch (Throwable failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private Knobs knobs() {
        var settings = new SegmentSettings(
                random.nextInt(2_000, 50_000),
                Long.MAX_VALUE,
                random.nextInt(2, 9),
                3,
                new Backoff(Duration.ofMillis(50), Duration.ofSeconds(5)));
        var topic = new TopicSettings(
                random.nextBoolean() ? Optional.of(Duration.ofHours(6)) : Optional.empty(),
                random.nextBoolean() ? OptionalLong.of(random.nextInt(1_000, 20_000)) : OptionalLong.empty(),
                random.nextInt(500, 20_000),
                Duration.ofMinutes(random.nextInt(1, 60)),
                false,
                3_600_000);
        return new Knobs(
                random.nextInt(4) == 0 ? 0 : random.nextInt(20_000),
                random.nextInt(1_000, 100_000),
                random.nextInt(300, 5_000),
                random.nextInt(500, 100_000),
                settings,
                topic,
                random.nextInt(4));
    }

    private void step() {
        int i = random.nextInt(PARTITIONS);
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4 -> append(i);
            case 5, 6, 7 -> send(i);
            case 8, 9, 10 -> flush();
            case 11 -> put();
            case 12 -> fixture.time.advance(Duration.ofSeconds(random.nextInt(120)));
            case 13 -> fixture.time.advance(Duration.ofMinutes(random.nextInt(90)));
            case 14 -> fixture.time.advance(Duration.ofMillis(random.nextInt(40)));
            case 15, 16 -> crash();
            case 17 -> fixture.wal().trim();
            case 18 -> deleteRecords(i);
            case 19 -> failStore();
            case 20 -> heal();
            case 21 -> checkTime(i);
            default -> checkSome(i);
        }
    }

    private PartitionLog log(int i) {
        return fixture.log(i);
    }

    private long now() {
        return fixture.time.wallClockMs() - random.nextInt(100_000);
    }

    private void append(int i) {
        Model model = models.get(i);
        long timestampMs = now();
        var batches = new ArrayList<ByteBuffer>();
        int epoch = log(i).leaderEpoch();
        for (int b = random.nextInt(3); b >= 0; b--) {
            var values = values(i, "plain");
            batches.add(Batches.of(timestampMs, values.toArray(String[]::new)));
            values.forEach(value -> model.records.add(new Model.Stored(value, timestampMs, epoch)));
        }
        ByteBuffer joined = Batches.joined(batches.toArray(ByteBuffer[]::new));
        fixture.append(log(i), joined, random.nextBoolean() ? Acknowledge.ASSIGNED : Acknowledge.DURABLE);
        assertThat(log(i).logEnd()).isEqualTo(model.records.size());
    }

    private List<String> values(int i, String kind) {
        var values = new ArrayList<String>();
        for (int r = random.nextInt(4); r >= 0; r--) {
            values.add(kind + "-" + i + "-" + models.get(i).sends++ + "x".repeat(random.nextInt(150)));
        }
        return values;
    }

    /** The producer sends its next batch, or one of its last again. */
    private void send(int i) {
        Model model = models.get(i);
        if (model.unacknowledged.size() >= 5) {
            return;
        }
        var values = values(i, "idempotent");
        var sent = new Sent(model.nextSequence, values, now());
        model.nextSequence += values.size();
        model.unacknowledged.add(sent);
        transmit(i, sent);
        if (random.nextInt(4) == 0) {
            transmit(i, sent);
        }
    }

    private void transmit(int i, Sent sent) {
        Model model = models.get(i);
        var encoder = RecordBatchEncoder.at(0).producer(77, 0, sent.firstSequence);
        sent.values.forEach(value -> encoder.add(sent.timestampMs, null, value.getBytes(StandardCharsets.UTF_8)));
        PartitionLog log = log(i);
        var known = log.producers();
        if (!known.isDone()) {
            heal();
            fixture.get(known);
        }
        long before = log.logEnd();
        sent.answer = fixture.append(log, encoder.encode());
        if (log.logEnd() > before) {
            sent.values.forEach(
                    value -> model.records.add(new Model.Stored(value, sent.timestampMs, log.leaderEpoch())));
        }
        assertThat(log.logEnd()).isEqualTo(model.records.size());
    }

    /** Whoever has an answer is done; whoever has failed or lost its leader sends again, in order. */
    private void settleProducer(int i) {
        Model model = models.get(i);
        for (int round = 0; !model.unacknowledged.isEmpty(); round++) {
            assertThat(round).isLessThan(10);
            for (Sent sent : model.unacknowledged) {
                transmit(i, sent);
            }
            fixture.wal().flush();
            landed(i);
            model.unacknowledged.removeIf(sent -> {
                AppendResult result = fixture.get(sent.answer);
                assertThat(model.records.subList((int) result.baseOffset(), (int) result.lastOffset() + 1))
                        .extracting(Model.Stored::value)
                        .isEqualTo(sent.values);
                return true;
            });
        }
    }

    private void landed(int i) {
        Model model = models.get(i);
        model.landed = log(i).logEnd();
        model.durable = log(i).highWatermark();
        assertThat(model.durable).isEqualTo(model.landed);
    }

    private void flush() {
        fixture.wal().flush();
        for (int i = 0; i < PARTITIONS; i++) {
            landed(i);
            models.get(i).unacknowledged.removeIf(sent -> sent.answer.state() == Future.State.SUCCESS);
            settleProducer(i);
        }
    }

    private void put() {
        fixture.wal().put();
        models.forEach(model -> model.landed = model.records.size());
    }

    private void crash() {
        fixture.takeOverDespite(storeFails, this::heal);
        for (int i = 0; i < PARTITIONS; i++) {
            Model model = models.get(i);
            PartitionLog log = log(i);
            assertThat(log.highWatermark()).isEqualTo(model.landed);
            model.durable = model.landed;
            while (model.records.size() > model.landed) {
                model.records.removeLast();
            }
            settleProducer(i);
        }
    }

    private void deleteRecords(int i) {
        PartitionLog log = log(i);
        if (random.nextInt(3) > 0 || log.highWatermark() == log.logStart()) {
            return;
        }
        long to = log.logStart() + random.nextLong(log.highWatermark() - log.logStart() + 1);
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), to));
        assertThat(log.logStart()).isGreaterThanOrEqualTo(to);
    }

    private void failStore() {
        storeFails = true;
        int oneIn = random.nextInt(1, 4);
        var dice = new Random(random.nextLong());
        fixture.store.fail(request ->
                dice.nextInt(oneIn) == 0 ? Optional.of(StorageException.Kind.UNAVAILABLE) : Optional.empty());
        fixture.store.loseAnswers(request -> request.operation().equals("put") && dice.nextInt(3) == 0
                ? Optional.of(StorageException.Kind.OUTCOME_UNKNOWN)
                : Optional.empty());
    }

    /** Requests that have failed already, such as read-ahead, are out of the way afterwards. */
    private void heal() {
        storeFails = false;
        fixture.store.heal();
        fixture.time.advance(Duration.ofMillis(30));
    }

    private void checkSome(int i) {
        PartitionLog log = log(i);
        long start = log.logStart();
        long end = log.highWatermark();
        if (start == end) {
            return;
        }
        long from = start + random.nextLong(end - start);
        try {
            var read = fixture.get(fixture.session().reader.read(log, from, random.nextInt(3_000), true, new Pins()));
            var records = Batches.records(read.slices());
            assertThat(records).isNotEmpty();
            assertThat(records.getFirst().offset()).isLessThanOrEqualTo(from);
            assertThat(records.getLast().offset()).isLessThan(end);
            records.forEach(record -> assertThat(record.value())
                    .isEqualTo(models.get(i).records.get((int) record.offset()).value()));
        } catch (FailedFuture failed) {
            boolean moved = log.logStart() > from;
            assertThat(failed.getCause())
                    .isInstanceOfSatisfying(
                            LogException.class,
                            cause -> assertThat(cause.kind())
                                    .isEqualTo(moved ? Kind.OFFSET_OUT_OF_RANGE : Kind.STORAGE_UNAVAILABLE));
            assertThat(storeFails || moved).isTrue();
        }
    }

    private void checkAll(int i) {
        PartitionLog log = log(i);
        Model model = models.get(i);
        assertThat(fixture.readAll(log, log.logStart(), 1 + random.nextInt(3_000)))
                .extracting(Batches.Read::value)
                .isEqualTo(model.records.subList((int) log.logStart(), (int) model.durable).stream()
                        .map(Model.Stored::value)
                        .toList());
    }

    private void checkTime(int i) {
        heal();
        PartitionLog log = log(i);
        Model model = models.get(i);
        long time = now();
        OffsetAnswer expected = OffsetAnswer.NONE;
        for (long offset = log.logStart(); offset < log.highWatermark() && expected.offset() < 0; offset++) {
            Model.Stored stored = model.records.get((int) offset);
            if (stored.timestampMs() >= time) {
                expected = new OffsetAnswer(offset, stored.timestampMs(), stored.epoch());
            }
        }
        long logStart = log.logStart();
        OffsetAnswer answer = fixture.get(fixture.session().offsets.lookup(log, new OffsetQuery.AtTime(time)));
        if (log.logStart() == logStart) {
            assertThat(answer).isEqualTo(expected);
        }
    }
}
