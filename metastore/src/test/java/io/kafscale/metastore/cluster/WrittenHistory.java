package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.WatchListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Everything that was ever written to a namespace, checked as it is written: nothing may move back. */
final class WrittenHistory implements WatchListener {
    /** One write of one key; {@code before} is the revision of the value it replaced, 0 if there was none. */
    record Entry(long revision, long before, Bytes value) {}

    private final MetadataKeys keys;
    private final Map<String, List<Entry>> entries = new HashMap<>();
    private final Map<String, KeyValue> now = new HashMap<>();
    private final Set<UUID> deletedTopics = new HashSet<>();
    private final Map<String, UUID> directories = new HashMap<>();
    private final Map<String, Long> counters = new HashMap<>();
    private int writes;

    WrittenHistory(MetadataKeys keys) {
        this.keys = keys;
    }

    int writes() {
        return writes;
    }

    /** The write of exactly this value over exactly this revision, if there was one. */
    boolean applied(String key, Bytes value, long before) {
        return entries.getOrDefault(key, List.of()).stream()
                .anyMatch(entry -> entry.before() == before && entry.value().equals(value));
    }

    /** Whether this value was written at this revision. */
    boolean wrote(String key, Bytes value, long revision) {
        return entries.getOrDefault(key, List.of()).stream()
                .anyMatch(entry -> entry.revision() == revision && entry.value().equals(value));
    }

    boolean isCurrent(String key, Bytes value) {
        KeyValue is = now.get(key);
        return is != null && is.value().equals(value);
    }

    @Override
    public void onChanges(long revision, List<Change> changes) {
        for (Change change : changes) {
            KeyValue before = now.get(change.key());
            switch (change) {
                case Change.Put put -> {
                    writes++;
                    entries.computeIfAbsent(change.key(), key -> new ArrayList<>())
                            .add(new Entry(
                                    revision,
                                    before == null ? 0 : before.modRevision(),
                                    put.now().value()));
                    check(put.now(), before);
                    now.put(change.key(), put.now());
                }
                case Change.Deleted deleted -> {
                    if (before != null
                            && ImageKey.parse(keys, change.key()).orElse(null) instanceof ImageKey.Topic topic) {
                        deletedTopics.add(RecordJson.topic(topic.name(), before).id());
                    }
                    now.remove(change.key());
                }
            }
        }
    }

    @Override
    public void onCompacted() {
        throw new AssertionError("the history was compacted");
    }

    private void check(KeyValue written, @Nullable KeyValue before) {
        switch (ImageKey.parse(keys, written.key()).orElse(null)) {
            case ImageKey.Topic topic -> checkTopic(RecordJson.topic(topic.name(), written));
            case ImageKey.Partition partition -> {
                PartitionRecord record = RecordJson.partition(partition.id(), written);
                if (before == null) {
                    // Until it is purged a deleted topic's record may still be written, but it never comes back.
                    assertThat(deletedTopics).doesNotContain(partition.id().topicId());
                } else {
                    PartitionRecord earlier = RecordJson.partition(partition.id(), before);
                    assertThat(record.leaderEpoch()).isGreaterThanOrEqualTo(earlier.leaderEpoch());
                    assertThat(record.logStartOffset()).isGreaterThanOrEqualTo(earlier.logStartOffset());
                    assertThat(record.segmentEndOffset()).isGreaterThanOrEqualTo(earlier.segmentEndOffset());
                }
            }
            case ImageKey.Stream stream -> {
                if (before != null) {
                    assertThat(RecordJson.stream(stream.incarnation(), written).state())
                            .isGreaterThan(RecordJson.stream(stream.incarnation(), before)
                                    .state());
                }
            }
            case null, default -> {
                if (written.key().equals(keys.brokerEpochCounter())
                        || written.key().equals(keys.producerIdCounter())
                        || written.key().startsWith(keys.topicGeneration(""))) {
                    long count = RecordJson.counter(written);
                    assertThat(count).isGreaterThan(counters.getOrDefault(written.key(), 0L));
                    counters.put(written.key(), count);
                }
            }
        }
    }

    private void checkTopic(TopicRecord topic) {
        assertThat(deletedTopics).doesNotContain(topic.id());
        assertThat(directories.getOrDefault(topic.directory(), topic.id())).isEqualTo(topic.id());
        directories.put(topic.directory(), topic.id());
    }
}
