package io.kafscale.programs.streams;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Says how many records of a changelog a store was restored from. */
final class Restorations implements StateRestoreListener {
    @Override
    public void onRestoreStart(TopicPartition changelog, String store, long start, long end) {
        WordCount.say("restoring " + store + " " + changelog.partition() + " " + start + " " + end);
    }

    @Override
    public void onBatchRestored(TopicPartition changelog, String store, long end, long records) {}

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long records) {
        WordCount.say("restored " + store + " " + changelog.partition() + " " + records);
    }
}
