package io.kafscale.log.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.partition.ProducerStates.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.ProducerAppendInfo;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random batches of few producers, decided by Kafka's own code and by ours. */
class KafkaDecidesAlikeTest {
    private static final int BATCHES = 2_000;

    /** {@code UnifiedLog.analyzeAndValidateProducerState} for one batch, on Kafka's own producer state. */
    private static final class KafkaLog {
        private final ProducerStateManager producers;
        private long nextOffset;

        KafkaLog(Path directory) throws IOException {
            var config = new ProducerStateManagerConfig(Integer.MAX_VALUE, false);
            producers = new ProducerStateManager(
                    new TopicPartition("orders", 0), directory.toFile(), 900_000, config, Time.SYSTEM);
        }

        String append(ByteBuffer bytes) {
            RecordBatch batch =
                    MemoryRecords.readableRecords(bytes).batches().iterator().next();
            ProducerStateEntry known = producers.lastEntry(batch.producerId()).orElse(null);
            if (known != null && known.producerEpoch() == batch.producerEpoch()) {
                for (BatchMetadata earlier : known.batchMetadata()) {
                    if (earlier.firstSeq() == batch.baseSequence() && earlier.lastSeq() == batch.lastSequence()) {
                        return "duplicate of " + earlier.firstOffset() + ".." + earlier.lastOffset();
                    }
                }
            }
            ProducerAppendInfo info = producers.prepareUpdate(batch.producerId(), AppendOrigin.CLIENT);
            try {
                info.append(batch, Optional.empty());
            } catch (OutOfOrderSequenceException outOfOrder) {
                return "OUT_OF_ORDER_SEQUENCE";
            } catch (InvalidProducerEpochException fenced) {
                return "INVALID_PRODUCER_EPOCH";
            }
            producers.update(info);
            nextOffset = batch.lastOffset() + 1;
            return "accepted";
        }
    }

    static LongStream seeds() {
        long fresh = System.nanoTime();
        return LongStream.concat(LongStream.range(0, 10), LongStream.range(fresh, fresh + 5));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyBatchIsDecidedAsKafkaDecidesIt(long seed, @TempDir Path directory) throws IOException {
        var random = new Random(seed);
        var kafka = new KafkaLog(directory);
        var ours = new ProducerStates(Duration.ofDays(100_000));
        Map<Long, Integer> sequences = new HashMap<>();
        for (int i = 0; i < BATCHES; i++) {
            ByteBuffer batch = next(random, sequences);
            RecordBatchView.at(batch, 0, "test").setBaseOffset(kafka.nextOffset);
            String decided = describe(ours.check(RecordBatches.of(batch, "test")));
            if (decided.equals("accepted")) {
                ours.append(RecordBatchView.at(batch, 0, "test"), 0);
            }
            assertThat(decided).as("seed %d, batch %d", seed, i).isEqualTo(kafka.append(batch));
        }
    }

    /** Mostly what follows, sometimes something from before, from elsewhere, from another epoch. */
    private static ByteBuffer next(Random random, Map<Long, Integer> sequences) {
        long producer = random.nextInt(3);
        int following = sequences.computeIfAbsent(producer, id -> random.nextBoolean() ? 0 : Integer.MAX_VALUE - 20);
        int records = 1 + random.nextInt(3);
        int epoch = random.nextInt(40) == 0 ? random.nextInt(4) : Math.min(3, random.nextInt(300) == 0 ? 3 : 1);
        int sequence = switch (random.nextInt(10)) {
            case 0 -> Math.max(0, following - random.nextInt(12));
            case 1 -> random.nextInt(5) == 0 ? 0 : following;
            case 2 -> random.nextInt(5) == 0 ? (following + random.nextInt(3)) & Integer.MAX_VALUE : following;
            default -> following;
        };
        sequences.put(producer, (sequence + records) & Integer.MAX_VALUE);
        return Batches.by(producer, epoch, sequence, records);
    }

    private static String describe(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> "accepted";
            case Verdict.Refused refused -> refused.cause().kind().name();
            case Verdict.Duplicate duplicate ->
                "duplicate of " + duplicate.original().baseOffset() + ".."
                        + duplicate.original().lastOffset();
        };
    }
}
