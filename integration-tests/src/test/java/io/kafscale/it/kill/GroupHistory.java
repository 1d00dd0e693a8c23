package io.kafscale.it.kill;

import io.kafscale.it.client.Observed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the members of one group received and committed. Thread-safe. */
final class GroupHistory {
    private static final class Partition {
        private final Map<Long, Integer> hashes = new TreeMap<>();
        private long attempted;
        private long committed;
    }

    private final String group;
    private final Observed observed;
    private final Map<Integer, Partition> partitions = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    GroupHistory(String group, Observed observed) {
        this.group = group;
        this.observed = observed;
    }

    /** The group's id. */
    String group() {
        return group;
    }

    /**
     * A member received a record, the first one since it was assigned the partition or not. The first one is where the group had
     * committed: not before what it was told is committed, not after what it asked to commit.
     */
    void received(ConsumerRecord<String, String> record, boolean first) {
        observed.change(() -> {
            Partition partition = partition(record.partition());
            if (first && (record.offset() < partition.committed || record.offset() > partition.attempted)) {
                failures.add("%s went on at %d of partition %d, with %d committed and %d asked for"
                        .formatted(
                                group, record.offset(), record.partition(), partition.committed, partition.attempted));
            }
            int hash = hash(record);
            Integer before = partition.hashes.putIfAbsent(record.offset(), hash);
            if (before != null && before != hash) {
                failures.add("%s saw two records at %d of partition %d"
                        .formatted(group, record.offset(), record.partition()));
            }
        });
    }

    /** What identifies a record. */
    static int hash(ConsumerRecord<String, String> record) {
        return 31 * record.key().hashCode() + record.value().hashCode();
    }

    /** A member is about to commit. */
    void attempting(int partition, long offset) {
        observed.change(() -> {
            Partition state = partition(partition);
            state.attempted = Math.max(state.attempted, offset);
        });
    }

    /** A commit was acknowledged. */
    void committed(int partition, long offset) {
        observed.change(() -> {
            Partition state = partition(partition);
            state.committed = Math.max(state.committed, offset);
        });
    }

    /** Something that must not happen did. */
    void failed(String what) {
        observed.change(() -> failures.add(group + ": " + what));
    }

    /** What must not have happened. */
    List<String> failures() {
        return observed.read(() -> List.copyOf(failures));
    }

    /** The newest acknowledged commit of each partition. */
    Map<Integer, Long> committed() {
        return observed.read(() -> {
            var committed = new TreeMap<Integer, Long>();
            partitions.forEach((partition, state) -> committed.put(partition, state.committed));
            return committed;
        });
    }

    /** The hashes of the records that members received, by partition and offset. */
    Map<Integer, Map<Long, Integer>> received() {
        return observed.read(() -> {
            var received = new TreeMap<Integer, Map<Long, Integer>>();
            partitions.forEach((partition, state) -> received.put(partition, Map.copyOf(state.hashes)));
            return received;
        });
    }

    private Partition partition(int partition) {
        return partitions.computeIfAbsent(partition, _ -> new Partition());
    }
}
