package io.kafscale.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.cluster.MetadataKeys;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.junit.jupiter.api.Test;

class GroupKeyCheckTest {
    private static final ShardKeys KEYS = ShardKeys.of(new MetadataKeys("test"), 3);
    private static final CoordinatorRecord COMMIT = CoordinatorRecord.record(
            new OffsetCommitKey().setGroup("billing").setTopic("orders").setPartition(1),
            new ApiMessageAndVersion(new OffsetCommitValue().setOffset(7), (short) 4));

    private static KeyValue stored(String key, byte[] value) {
        return new KeyValue(key, Bytes.copyOf(value), 1, 1, 0);
    }

    private static KeyValue commit() {
        var serde = new GroupCoordinatorRecordSerde();
        byte[] value = serde.serializeValue(COMMIT);
        byte[] whole =
                ByteBuffer.allocate(8 + value.length).putLong(42).put(value).array();
        return stored(KEYS.record(ByteBuffer.wrap(serde.serializeKey(COMMIT))), whole);
    }

    @Test
    void whatTheCoordinatorWritesCanBeRead() {
        assertThat(GroupKeyCheck.problem(commit())).isEmpty();
        assertThat(GroupKeyCheck.problem(
                        stored(KEYS.end(), new EndMark(1, 2, 3).encode().toArray())))
                .isEmpty();
        assertThat(GroupKeyCheck.problem(stored(KEYS.recordPrefix() + "99/x", new byte[20])))
                .as("a type of a later version")
                .isEmpty();
    }

    @Test
    void damageIsNamed() {
        byte[] value = commit().value().toArray();
        assertThat(GroupKeyCheck.problem(stored(commit().key(), new byte[3]))).isPresent();
        assertThat(GroupKeyCheck.problem(stored(commit().key(), Arrays.copyOf(value, value.length - 3))))
                .isPresent();
        assertThat(GroupKeyCheck.problem(stored(KEYS.recordPrefix() + "1/%0", value)))
                .isPresent();
        assertThat(GroupKeyCheck.problem(stored(KEYS.end(), new byte[] {1}))).isPresent();
        assertThat(GroupKeyCheck.problem(stored(KEYS.writeAhead(7), new byte[] {1, 2, 3})))
                .isPresent();
    }
}
