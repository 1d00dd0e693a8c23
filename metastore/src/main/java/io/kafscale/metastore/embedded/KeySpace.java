package io.kafscale.metastore.embedded;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Transaction.Write;
import io.kafscale.metastore.WatchListener.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All keys in order, with etcd's revisions: the empty store is at revision 1. For one thread at a time. */
final class KeySpace {
    /** All keys as of one revision. */
    record Image(long revision, List<KeyValue> keys) {}

    private final TreeMap<String, KeyValue> keys = new TreeMap<>(Utf8Order.INSTANCE);
    private long revision = 1;

    /** The keys of a snapshot. */
    static KeySpace restored(Image image) {
        var space = new KeySpace();
        space.revision = image.revision();
        image.keys().forEach(key -> space.keys.put(key.key(), key));
        return space;
    }

    long revision() {
        return revision;
    }

    /** Whether nothing was ever written. */
    boolean isNew() {
        return revision == 1;
    }

    Optional<KeyValue> get(String key) {
        return Optional.ofNullable(keys.get(key));
    }

    List<KeyValue> range(String prefix) {
        var found = new ArrayList<KeyValue>();
        for (KeyValue key : keys.tailMap(prefix, true).values()) {
            if (!key.key().startsWith(prefix)) {
                break;
            }
            found.add(key);
        }
        return found;
    }

    Image image() {
        return new Image(revision, new ArrayList<>(keys.values()));
    }

    /** What the compared keys hold, if one of them is not at the expected revision. */
    Optional<Map<String, Optional<KeyValue>>> conflict(Map<String, Long> expected) {
        boolean held = true;
        var current = new HashMap<String, Optional<KeyValue>>();
        for (var comparison : expected.entrySet()) {
            Optional<KeyValue> is = get(comparison.getKey());
            current.put(comparison.getKey(), is);
            held &= is.map(KeyValue::modRevision).orElse(0L).equals(comparison.getValue());
        }
        return held ? Optional.empty() : Optional.of(current);
    }

    /** What these writes would change at the next revision; removing what is not there changes nothing. */
    List<Change> plan(List<Write> writes) {
        long next = revision + 1;
        var changes = new ArrayList<Change>(writes.size());
        for (Write write : writes) {
            @Nullable KeyValue before = keys.get(write.key());
            switch (write) {
                case Write.Put put ->
                    changes.add(new Change.Put(new KeyValue(
                            put.key(),
                            put.value(),
                            before == null ? next : before.createRevision(),
                            next,
                            put.leaseId())));
                case Write.Delete delete -> {
                    if (before != null) {
                        changes.add(new Change.Deleted(delete.key(), next));
                    }
                }
            }
        }
        return changes;
    }

    /**
     * Applies one revision.
     *
     * @throws IllegalArgumentException if it is not the next
     */
    void apply(long next, List<Change> changes) {
        if (next != revision + 1) {
            throw new IllegalArgumentException("revision " + next + " does not follow " + revision);
        }
        for (Change change : changes) {
            switch (change) {
                case Change.Put put -> keys.put(put.key(), put.now());
                case Change.Deleted deleted -> keys.remove(deleted.key());
            }
        }
        revision = next;
    }
}
