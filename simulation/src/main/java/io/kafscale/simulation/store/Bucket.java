package io.kafscale.simulation.store;

import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.ObjectSummary;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an object store holds: the one thing that outlives every broker. Each operation is one atomic step, as S3 promises of single
 * objects and listings. Confined to the simulation's one thread.
 */
public final class Bucket {
    /**
     * One object.
     *
     * @param bytes from position 0 to the limit; nobody writes them
     * @param requestedMs when it was asked for
     * @param late whether nobody waited for that request any more when it landed
     */
    private record Stored(ByteBuffer bytes, long requestedMs, long lastModifiedMs, boolean late) {}

    private final TreeMap<String, Stored> objects = new TreeMap<>();
    private final Set<String> deleted = new HashSet<>();
    private long requests;

    /**
     * Creates an object or finds that it is there.
     *
     * @param late whether nobody waits for it any more
     */
    PutOutcome putIfAbsent(String key, ByteBuffer bytes, long requestedMs, long nowMs, boolean late) {
        var before = objects.putIfAbsent(key, new Stored(bytes, requestedMs, nowMs, late));
        return before == null ? PutOutcome.CREATED : PutOutcome.ALREADY_EXISTS;
    }

    /** The bytes of an object, shared. */
    public Optional<ByteBuffer> get(String key) {
        return Optional.ofNullable(objects.get(key))
                .map(stored -> stored.bytes().duplicate());
    }

    /** Deletes an object if it is there. */
    void delete(String key) {
        if (objects.remove(key) != null) {
            deleted.add(key);
        }
    }

    /** One page of a listing, as the port says. */
    ObjectPage list(String prefix, String startAfter, int limit) {
        boolean fromPrefix = startAfter.compareTo(prefix) < 0;
        var from = fromPrefix ? objects.tailMap(prefix, true) : objects.tailMap(startAfter, false);
        var page = new ArrayList<ObjectSummary>();
        for (var entry : from.entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                break;
            }
            if (page.size() == limit) {
                return new ObjectPage(page, true);
            }
            Stored stored = entry.getValue();
            page.add(new ObjectSummary(entry.getKey(), stored.bytes().limit(), stored.lastModifiedMs()));
        }
        return new ObjectPage(page, false);
    }

    /** All keys with a prefix, in order. */
    public List<String> keys(String prefix) {
        return objects.tailMap(prefix, true).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix))
                .toList();
    }

    /** Whether an object is from a request that took longer than this, or landed when nobody waited for it any more. */
    public boolean isLate(String key, Duration time) {
        Stored stored = objects.get(key);
        return stored != null && (stored.late() || stored.lastModifiedMs() - stored.requestedMs() >= time.toMillis());
    }

    /** Whether an object of this name was deleted before: a client has put it again. */
    public boolean wasDeleted(String key) {
        return deleted.contains(key);
    }

    /** Whether an object was created before a time. */
    public boolean isOlderThan(String key, long timeMs) {
        Stored stored = objects.get(key);
        return stored != null && stored.lastModifiedMs() < timeMs;
    }

    /** Replaces an object's bytes, as no client can: damage. */
    public void damage(String key, ByteBuffer bytes) {
        objects.computeIfPresent(
                key, (name, stored) -> new Stored(bytes, stored.requestedMs(), stored.lastModifiedMs(), stored.late()));
    }

    /** Removes an object, as no client did: damage. */
    public void lose(String key) {
        objects.remove(key);
    }

    void countRequest() {
        requests++;
    }

    /** Requests that were made so far, by whomever, whatever became of them. */
    public long requests() {
        return requests;
    }
}
