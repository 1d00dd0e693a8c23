package io.kafscale.simulation;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ObjectLayout;
import io.kafscale.format.SegmentKey;
import io.kafscale.format.StreamId;
import io.kafscale.format.WalKey;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Referee;
import io.kafscale.simulation.store.Bucket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Looks for objects that nobody needs when a cluster has been quiet for long. What landed when nobody waited for it any more, or had
 * been on its way for longer than deletions wait, does not count; nor do the genesis objects of brokers that died before they were
 * registered, which nothing names; nor what a broker that was taken for dead puts into its stream after that was collected, behind
 * the seal, or again below it where it has not heard that it had put it before: that is for fsck. Stateless.
 */
final class Cleanliness {
    private final Bucket bucket;
    private final ObjectLayout layout;
    private final ClusterImage image;
    private final Referee referee;
    private final Duration grace;

    Cleanliness(Bucket bucket, ObjectLayout layout, ClusterImage image, Referee referee, Duration grace) {
        this.bucket = bucket;
        this.layout = layout;
        this.image = image;
        this.referee = referee;
        this.grace = grace;
    }

    /**
     * Looks.
     *
     * @param lastWordsMs what the living broker wrote before is in segments or was deleted, and gone from its stream
     */
    void check(long lastWordsMs) {
        Map<String, TopicRecord> topics = new HashMap<>();
        for (Versioned<TopicRecord> topic : image.topics()) {
            topics.put(topic.value().directory(), topic.value());
        }
        for (String key : bucket.keys(layout.prefix())) {
            if (!bucket.isLate(key, grace)) {
                layout.parseWalKey(key).ifPresent(wal -> checkWal(key, wal, lastWordsMs));
                layout.parseSegmentKey(key).ifPresent(segment -> checkSegment(key, segment, topics));
            }
        }
    }

    private void checkWal(String key, WalKey wal, long lastWordsMs) {
        StreamId stream = wal.stream();
        var incarnation = new BrokerIncarnation(stream.brokerId(), stream.brokerEpoch());
        var record = image.streams().get(incarnation);
        if (record == null) {
            boolean collected =
                    image.isOver(incarnation) && (isSealedUpTo(stream, wal.sequence()) || bucket.wasDeleted(key));
            if (wal.sequence() > 0 && !collected) {
                garbage(key, "nobody knows its stream");
            }
            return;
        }
        StreamRecord known = record.value();
        boolean seal = Objects.equals(known.sealSequence(), wal.sequence());
        boolean collected = known.state() == StreamRecord.State.COLLECTED
                && known.sealSequence() != null
                && (wal.sequence() > known.sealSequence() || bucket.wasDeleted(key));
        boolean alive = image.isRegistered(known.incarnation());
        if (!alive && !seal && !collected) {
            garbage(key, "its stream has ended and nobody needs it: " + known);
        }
        if (alive && wal.sequence() > 0 && bucket.isOlderThan(key, lastWordsMs)) {
            garbage(key, "all of it has long been in segments, or belonged to topics that are gone");
        }
    }

    /** Whether an object is the seal of its stream, or lies behind it. */
    private boolean isSealedUpTo(StreamId stream, long sequence) {
        return bucket.keys(layout.walPrefix(stream)).stream()
                .filter(key -> layout.parseWalKey(key)
                        .filter(wal -> wal.sequence() <= sequence)
                        .isPresent())
                .anyMatch(key ->
                        WalHeader.parse(bucket.get(key).orElseThrow(), key).kind() == WalHeader.Kind.SEAL);
    }

    private void checkSegment(String key, SegmentKey segment, Map<String, TopicRecord> topics) {
        TopicRecord topic = topics.get(segment.topicDirectory());
        if (topic == null) {
            garbage(key, "there is no such topic");
            return;
        }
        var record = image.partitions(topic.id()).get(segment.partition());
        String dataKey = layout.segmentKey(topic.directory(), segment.partition(), segment.baseOffset());
        if (record == null || bucket.get(dataKey).isEmpty()) {
            garbage(key, "there is no segment of that name, or no such partition");
            return;
        }
        long last = lastOffset(dataKey);
        if (last < record.value().logStartOffset()) {
            garbage(
                    key,
                    "it ends at " + last + ", below the log start "
                            + record.value().logStartOffset());
        }
    }

    private long lastOffset(String dataKey) {
        try {
            return SegmentFile.parse(bucket.get(dataKey).orElseThrow(), dataKey)
                    .footer()
                    .lastOffset();
        } catch (CorruptObjectException damage) {
            return Long.MAX_VALUE;
        }
    }

    private void garbage(String key, String why) {
        referee.see(new Observation.Garbage(key, why));
    }
}
