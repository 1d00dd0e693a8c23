package io.kafscale.coordinator;

import io.kafscale.metastore.KeyValue;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.coordinator.common.runtime.Deserializer;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;

/** Tells whether the coordinator could load a key of a group shard, for tools that check what is stored. Stateless; any thread. */
public final class GroupKeyCheck {
    private GroupKeyCheck() {}

    /** What is wrong with a key below {@code groups/}, if anything is. */
    public static Optional<String> problem(KeyValue stored) {
        int groups = stored.key().indexOf("/groups/");
        int shard = groups < 0 ? -1 : stored.key().indexOf('/', groups + "/groups/".length());
        if (shard < 0) {
            return Optional.of("it is no key of a group shard");
        }
        try {
            int number = Integer.parseInt(stored.key().substring(groups + "/groups/".length(), shard));
            // The owner's key lies elsewhere and is none of these.
            read(new ShardKeys(number, "", stored.key().substring(0, shard + 1)), stored);
            return Optional.empty();
        } catch (Deserializer.UnknownRecordTypeException newer) {
            return Optional.empty(); // it is skipped and left where it is
        } catch (RuntimeException damaged) {
            return Optional.of("it cannot be read: " + damaged.getMessage());
        }
    }

    private static void read(ShardKeys keys, KeyValue stored) {
        if (stored.key().startsWith(keys.recordPrefix())) {
            ByteBuffer value = stored.value().asBuffer();
            if (value.remaining() < RecordWrite.OFFSET_BYTES) {
                throw new IllegalArgumentException("it is too short for an offset");
            }
            value.position(RecordWrite.OFFSET_BYTES);
            new GroupCoordinatorRecordSerde().deserialize(ByteBuffer.wrap(keys.recordKey(stored.key())), value.slice());
        } else if (stored.key().startsWith(keys.writeAheadPrefix())) {
            WriteAhead.decode(keys, stored.key(), stored.value());
        } else if (stored.key().equals(keys.end())) {
            EndMark.decode(stored.value());
        }
        // Whatever else there is, the coordinator does not load.
    }
}
