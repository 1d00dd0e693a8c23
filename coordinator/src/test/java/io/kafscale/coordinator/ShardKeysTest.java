package io.kafscale.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.cluster.MetadataKeys;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardKeysTest {
    private static final ShardKeys KEYS = ShardKeys.of(new MetadataKeys("prod"), 7);

    @Test
    void theLayoutIsForEver() {
        byte[] commit = new GroupCoordinatorRecordSerde()
                .serializeKey(CoordinatorRecord.tombstone(new OffsetCommitKey()
                        .setGroup("billing")
                        .setTopic("orders.eu")
                        .setPartition(12)));
        assertThat(KEYS.owner()).isEqualTo("/kafscale/prod/image/coordinators/7");
        assertThat(KEYS.end()).isEqualTo("/kafscale/prod/groups/7/end");
        assertThat(KEYS.writeAhead(42)).isEqualTo("/kafscale/prod/groups/7/w/00000000000000000042");
        assertThat(KEYS.record(ByteBuffer.wrap(commit)))
                .isEqualTo("/kafscale/prod/groups/7/r/1/%00%07billing%00%09orders.eu%00%00%00%0C");
        assertThat(new EndMark(991, 3, 0xbeef).encode().utf8()).isEqualTo("1 991 3 beef");
    }

    @Test
    void aKeyOfAnyBytesIsReadBackAndStaysInItsDirectory() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] key = new byte[2 + random.nextInt(40)];
            random.nextBytes(key);
            String stored = KEYS.record(ByteBuffer.wrap(key));
            assertThat(KEYS.recordKey(stored)).as("seed %d, %s", seed, stored).isEqualTo(key);
            assertThat(stored).matches("/kafscale/prod/groups/7/r/-?[0-9]+/[A-Za-z0-9._%-]*");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kafscale/prod/image/coordinators/7",
                "/kafscale/prod/groups/7/r/",
                "/kafscale/prod/groups/7/r/x/a",
                "/kafscale/prod/groups/7/r/1/a%0",
                "/kafscale/prod/groups/7/r/1/%zz",
                "/kafscale/prod/groups/70/r/1/a"
            })
    void whatIsNoRecordKeyIsRefused(String key) {
        assertThatThrownBy(() -> KEYS.recordKey(key)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEndMarkIsReadBack() {
        var end = new EndMark(5, 6, -7);
        assertThat(EndMark.decode(end.encode())).isEqualTo(end);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "2 3 x", "1 x y", "one 1 2 3"})
    void aDamagedMarkIsRefused(String value) {
        assertThatThrownBy(() -> EndMark.decode(Bytes.utf8(value))).isInstanceOf(IllegalArgumentException.class);
    }
}
