package io.kafscale.log.recover;

import io.kafscale.format.TopicDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a directory of segments holds. Filled by the loop during a survey; read only afterwards. */
final class FoundDirectory {
    /** Offsets of consecutive segments, both inclusive. */
    record Extent(long first, long last) {}

    /** The segments of one partition. */
    static final class Segments {
        final List<Extent> extents = new ArrayList<>();
        final List<String> damage = new ArrayList<>();
        int greatestEpoch = -1;

        /** The next segment, ascending; overlapping and adjoining ones become one extent. */
        void add(long first, long last) {
            Extent before = extents.isEmpty() ? null : extents.getLast();
            if (before != null && first <= before.last() + 1) {
                extents.set(extents.size() - 1, new Extent(before.first(), Math.max(before.last(), last)));
            } else {
                extents.add(new Extent(first, last));
            }
        }
    }

    final TopicDirectory directory;
    final TreeMap<Integer, Segments> partitions = new TreeMap<>();

    @Nullable
    UUID topicId;

    boolean severalTopicIds;
    long newestMs;

    FoundDirectory(TopicDirectory directory) {
        this.directory = directory;
    }

    /** The number of the topic of this name that the directory is of. */
    long generation() {
        return Math.max(1, directory.generation());
    }

    void sawTopicId(UUID id) {
        if (topicId == null) {
            topicId = id;
        } else if (!topicId.equals(id)) {
            severalTopicIds = true;
        }
    }
}
