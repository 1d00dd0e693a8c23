package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.ShardOwner;
import io.kafscale.runtime.Backoff;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** One shard on a loop turned by hand, over a store whose calls can be held. */
final class ShardFixture {
    static final int SHARD = 3;
    static final ShardKeys KEYS = ShardKeys.of(new MetadataKeys("test"), SHARD);

    final MemoryMetadataStore memory = new MemoryMetadataStore();
    final HeldStore store = new HeldStore(memory);
    final ManualLoop loop = new ManualLoop();
    final StoreAccess access = new StoreAccess(
            store, loop, new Backoff(Duration.ofMillis(10), Duration.ofSeconds(1)), new SplittableRandom(1));
    final List<ShardLostException> losses = new ArrayList<>();

    /** An ownership that the store knows. */
    Ownership own(String incarnation) {
        ShardOwner owner = owner().takenBy(BrokerIncarnation.parse(incarnation));
        CommitResult result = memory.apply(
                Transaction.builder().put(KEYS.owner(), owner.encode()).build());
        return new Ownership(
                KEYS,
                BrokerIncarnation.parse(incarnation),
                owner.epoch(),
                ((CommitResult.Committed) result).revision());
    }

    /** Who owns the shard by the store. */
    ShardOwner owner() {
        return memory.read(KEYS.owner()).map(ShardOwner::decode).orElse(ShardOwner.NONE);
    }

    /** The shard as a loader would find it now. */
    ShardSnapshot snapshot() {
        return ShardSnapshot.of(KEYS, memory.list(KEYS.prefix()));
    }

    /** What a loader would replay, as {@code key=value@offset}. */
    List<String> records() {
        return snapshot().records().stream()
                .map(record -> {
                    var key = StandardCharsets.UTF_8.decode(
                            record.key().duplicate().position(2));
                    return key + "="
                            + StandardCharsets.UTF_8.decode(record.value().duplicate()) + "@" + record.offset();
                })
                .toList();
    }

    /** A batch of records of type 1; a value null is a tombstone. */
    static MemoryRecords batch(@Nullable String... keysAndValues) {
        SimpleRecord[] records = IntStream.range(0, keysAndValues.length / 2)
                .mapToObj(i -> record(String.valueOf(keysAndValues[2 * i]), keysAndValues[2 * i + 1]))
                .toArray(SimpleRecord[]::new);
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    /** A batch of {@code count} records {@code {prefix}0 …} of one value. */
    static MemoryRecords batch(int count, String prefix, String value) {
        return MemoryRecords.withRecords(
                Compression.NONE,
                IntStream.range(0, count)
                        .mapToObj(i -> record(prefix + i, value))
                        .toArray(SimpleRecord[]::new));
    }

    private static SimpleRecord record(String key, @Nullable String value) {
        byte[] typed = ("\0\1" + key).getBytes(StandardCharsets.UTF_8);
        return new SimpleRecord(0L, typed, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }
}
