package io.kafscale.it.workload;

import io.kafscale.it.history.Event;
import io.kafscale.it.history.Source;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the records of these tests say: the key is the producer's name, the value starts with the record's number and a space. */
final class RecordText {
    private RecordText() {}

    static String value(long number, int paddingBytes) {
        return number + " " + "x".repeat(paddingBytes);
    }

    /** A reader got this record. */
    static Event.Read read(String reader, ConsumerRecord<String, String> record) {
        String value = record.value();
        long number = Long.parseLong(value.substring(0, value.indexOf(' ')));
        int content = 31 * value.hashCode() + Long.hashCode(record.timestamp());
        return new Event.Read(
                reader,
                record.offset(),
                record.leaderEpoch().orElse(-1),
                new Source(record.key(), record.partition()),
                number,
                content);
    }
}
