package io.kafscale.it.kill;

import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.client.Clients;
import io.kafscale.it.kill.Acknowledgements.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The whole log as a new consumer reads it, held against what producers and groups were promised. */
final class LogCheck {
    private final List<List<ConsumerRecord<String, String>>> log = new ArrayList<>();

    /** Reads {@code topic} from the beginning to the end. */
    LogCheck(Clients clients, String topic, int partitions) {
        for (var partition : partitions(topic, partitions)) {
            try (var consumer = clients.reader()) {
                log.add(everything(consumer, List.of(partition)));
            }
        }
    }

    /** How many records there are. */
    long size() {
        return log.stream().mapToLong(List::size).sum();
    }

    /** Every offset from 0 to the end is there, once and in order. */
    void offsetsAreDense() {
        for (var partition : log) {
            for (int i = 0; i < partition.size(); i++) {
                assertThat(partition.get(i).offset()).as("offset").isEqualTo(i);
            }
        }
    }

    /** Every record of every producer is there once, in the order of its numbers, at the offset that was acknowledged. */
    void everyAcknowledgedRecordIsThereOnceAndInOrder(Acknowledgements acknowledgements) {
        var found = new TreeMap<Source, List<Long>>();
        for (var partition : log) {
            for (var record : partition) {
                var source = new Source(record.key(), record.partition());
                List<Long> offsets = found.computeIfAbsent(source, _ -> new ArrayList<>());
                long number = Long.parseLong(
                        record.value().substring(0, record.value().indexOf(' ')));
                assertThat(number)
                        .as("number of %s at offset %s", source, record.offset())
                        .isEqualTo(offsets.size());
                offsets.add(record.offset());
            }
        }
        assertThat(found).isEqualTo(acknowledgements.offsets());
    }

    /** A group received every record at least once, and what it received at an offset is what is there. */
    void everyRecordWasReceived(GroupHistory group) {
        Map<Integer, Map<Long, Integer>> received = group.received();
        for (int partition = 0; partition < log.size(); partition++) {
            Map<Long, Integer> hashes = received.getOrDefault(partition, Map.of());
            assertThat(hashes)
                    .as("records of partition %s", partition)
                    .hasSize(log.get(partition).size());
            for (var record : log.get(partition)) {
                assertThat(hashes.get(record.offset()))
                        .as("record at %s of partition %s", record.offset(), partition)
                        .isEqualTo(GroupHistory.hash(record));
            }
        }
    }
}
