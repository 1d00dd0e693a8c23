package io.kafscale.coordinator;

import static io.kafscale.coordinator.ShardFixture.KEYS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.RangeResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardSnapshotTest {
    private final List<KeyValue> keys = new ArrayList<>();

    private void key(String key, Bytes value) {
        keys.add(new KeyValue(key, value, 1, keys.size() + 1, 0));
    }

    private void record(String name, long offset) {
        byte[] value = ("v" + offset).getBytes(StandardCharsets.UTF_8);
        key(
                KEYS.recordPrefix() + "1/" + name,
                Bytes.copyOf(ByteBuffer.allocate(8 + value.length)
                        .putLong(offset)
                        .put(value)
                        .flip()));
    }

    private ShardSnapshot snapshot() {
        return ShardSnapshot.of(KEYS, new RangeResult(99, keys));
    }

    private WriteAhead writeAhead() {
        var writes = new MergedWrites();
        writes.add(RecordWrite.of(KEYS.recordPrefix() + "1/a", ByteBuffer.wrap(new byte[] {65}), 10));
        writes.add(RecordWrite.of(KEYS.recordPrefix() + "1/b", null, 12));
        return new WriteAhead(KEYS.writeAhead(10), writes);
    }

    @Test
    void anEmptyShardStartsAtZero() {
        assertThat(snapshot()).isEqualTo(new ShardSnapshot(0, 0, List.of(), List.of()));
    }

    @Test
    void recordsComeInTheOrderTheyWereWritten() {
        record("b", 7);
        key(KEYS.end(), new EndMark(9, 1, 1).encode());
        record("a", 8);
        record("c", 2);
        assertThat(snapshot().records().stream().map(ShardSnapshot.StoredRecord::offset))
                .containsExactly(2L, 7L, 8L);
        assertThat(snapshot().endOffset()).isEqualTo(9);
        assertThat(snapshot().endRevision()).isEqualTo(2);
    }

    @Test
    void aWriteAheadValueIsOverEverything() {
        record("a", 1);
        record("b", 2);
        record("c", 3);
        key(KEYS.writeAhead(10), writeAhead().encode(KEYS));
        ShardSnapshot snapshot = snapshot();
        assertThat(snapshot.records().stream().map(ShardSnapshot.StoredRecord::offset))
                .containsExactly(3L, 10L);
        assertThat(snapshot.records().getLast().modRevision()).isEqualTo(4);
        assertThat(snapshot.leftovers()).singleElement().satisfies(ahead -> {
            assertThat(ahead.key()).isEqualTo(KEYS.writeAhead(10));
            assertThat(ahead.writes().all())
                    .containsExactlyElementsOf(writeAhead().writes().all());
        });
    }

    @Test
    void aDamagedWriteAheadValueIsNamed() {
        byte[] value = writeAhead().encode(KEYS).toArray();
        value[value.length - 1] ^= 1;
        key(KEYS.writeAhead(10), Bytes.copyOf(value));
        assertThatThrownBy(this::snapshot).hasMessageContaining("corrupt");
    }

    @Test
    void aTornWriteAheadValueIsNamed() {
        byte[] value = writeAhead().encode(KEYS).toArray();
        key(KEYS.writeAhead(10), Bytes.copyOf(ByteBuffer.wrap(value, 0, value.length - 3)));
        assertThatThrownBy(this::snapshot).hasMessageContaining("w/00000000000000000010");
    }

    @Test
    void aRecordTooShortForItsOffsetIsNamed() {
        key(KEYS.recordPrefix() + "1/a", Bytes.copyOf(new byte[7]));
        assertThatThrownBy(this::snapshot).hasMessageContaining("r/1/a");
    }
}
