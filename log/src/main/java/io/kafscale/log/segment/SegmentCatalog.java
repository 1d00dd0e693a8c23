package io.kafscale.log.segment;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.SegmentKey;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.runtime.EventLoop;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one partition, by base offset. Nothing is listed before somebody needs to know: a leader that only appends and
 * serves its tail never lists, and one that only needs the newest segment finds it with a few requests however many there are.
 *
 * <p>Belongs to the log loop; futures complete on it and fail with {@link io.kafscale.objectstore.StorageException}.
 */
public final class SegmentCatalog {
    private static final long FIRST_SPAN = 1 << 20;
    private static final int SPAN_FACTOR = 16;
    private static final long REFRESH_PAUSE_NANOS = 1_000_000_000L;

    private final ObjectStore store;
    private final ObjectLayout layout;
    private final PartitionPlace place;
    private final EventLoop loop;
    private final TreeMap<Long, Segment> segments = new TreeMap<>();
    private final TreeSet<Long> orphanIndexes = new TreeSet<>();
    private final Set<Long> doomed = new HashSet<>();
    private final Set<Long> changedWhileListing = new HashSet<>();
    private boolean listed;
    private boolean presumed;
    private long listedNanos;
    private @Nullable CompletableFuture<Void> listing;

    /** A catalogue in which nothing is known yet. */
    public SegmentCatalog(ObjectStore store, ObjectLayout layout, PartitionPlace place, EventLoop loop) {
        this.store = store;
        this.layout = layout;
        this.place = place;
        this.loop = loop;
    }

    /** Lists the partition unless that has been done; one listing at a time, for everybody who waits. */
    public CompletableFuture<Void> listed() {
        return listed ? CompletableFuture.completedFuture(null) : refresh();
    }

    /**
     * Lists the partition unless that has been done, also where nothing counted at the start: what a leader wrote that died before it
     * said so lies there all the same.
     */
    CompletableFuture<Void> searched() {
        return listed && !presumed ? CompletableFuture.completedFuture(null) : refresh();
    }

    /** There is no segment that counts: nothing has to be listed to know it. */
    void startEmpty() {
        listed = true;
        presumed = true;
        listedNanos = loop.time().nanoTime();
    }

    /** Whether the partition has been listed. */
    public boolean isListed() {
        return listed;
    }

    /** Lists the partition again, because an object that should be there is not; not more than once in a while. */
    public CompletableFuture<Void> refreshAgain() {
        return listed && loop.time().nanoTime() - listedNanos < REFRESH_PAUSE_NANOS
                ? CompletableFuture.completedFuture(null)
                : refresh();
    }

    /** Lists the partition. */
    public CompletableFuture<Void> refresh() {
        if (listing != null) {
            return listing;
        }
        var done = new CompletableFuture<Void>();
        listing = done;
        long askedNanos = loop.time().nanoTime();
        changedWhileListing.clear();
        var found = new TreeMap<Long, Segment>();
        var indexes = new TreeSet<Long>();
        list("", key -> collect(key, found, indexes), Long.MAX_VALUE).whenComplete((nothing, failure) -> {
            listing = null;
            if (failure != null) {
                done.completeExceptionally(failure);
            } else {
                replaceWith(found, indexes);
                listedNanos = askedNanos; // what it shows may be as old as that
                done.complete(null);
            }
        });
        return done;
    }

    private void replaceWith(Map<Long, Segment> found, Set<Long> indexes) {
        found.keySet().removeAll(changedWhileListing);
        found.keySet().removeAll(doomed);
        found.replaceAll((base, segment) -> {
            Segment known = segments.get(base);
            return known != null && known.sizeBytes() == segment.sizeBytes() ? known : segment;
        });
        segments.keySet().retainAll(changedWhileListing);
        segments.putAll(found);
        indexes.removeAll(segments.keySet());
        indexes.removeAll(changedWhileListing);
        indexes.removeAll(doomed);
        orphanIndexes.clear();
        orphanIndexes.addAll(indexes);
        presumed = false;
        listed = true;
    }

    private void collect(ObjectSummary object, Map<Long, Segment> found, Set<Long> indexes) {
        layout.parseSegmentKey(object.key()).ifPresent(key -> {
            if (key.kind() == SegmentKey.Kind.DATA) {
                found.put(key.baseOffset(), Segment.listed(key.baseOffset(), object.size(), object.lastModifiedMs()));
            } else {
                indexes.add(key.baseOffset());
            }
        });
    }

    /** Shows every object after {@code startAfter} and below {@code endOffset} to {@code each}, page by page. */
    private CompletableFuture<Void> list(String startAfter, Consumer<ObjectSummary> each, long endOffset) {
        return LoopFutures.hop(store.list(place.prefix(layout), startAfter, ObjectPage.MAX_LIMIT), loop)
                .thenCompose(page -> {
                    for (ObjectSummary object : page.objects()) {
                        if (baseOffset(object) >= endOffset) {
                            return CompletableFuture.<Void>completedFuture(null);
                        }
                        each.accept(object);
                    }
                    return page.more() && !page.objects().isEmpty()
                            ? list(page.objects().getLast().key(), each, endOffset)
                            : CompletableFuture.<Void>completedFuture(null);
                });
    }

    private long baseOffset(ObjectSummary object) {
        return layout.parseSegmentKey(object.key()).map(SegmentKey::baseOffset).orElse(-1L);
    }

    /**
     * The segment with the largest base offset below {@code offset}. Listings only go upwards, so an unlisted partition is searched
     * in spans below the offset that grow until one holds a segment.
     */
    public CompletableFuture<Optional<Segment>> newestBelow(long offset) {
        var known = segments.lowerEntry(offset);
        boolean adjacent = known != null && known.getValue().isKnownToHold(offset - 1);
        if (listed || adjacent) {
            return CompletableFuture.completedFuture(Optional.ofNullable(known).map(Map.Entry::getValue));
        }
        return searchBelow(offset, FIRST_SPAN);
    }

    private CompletableFuture<Optional<Segment>> searchBelow(long offset, long span) {
        long from = Math.max(0, offset - span);
        var found = new TreeMap<Long, Segment>();
        return list(justBefore(from), object -> collect(object, found, new TreeSet<>()), offset)
                .thenCompose(nothing -> {
                    if (found.isEmpty() && from > 0) {
                        return searchBelow(offset, Math.min(offset, span * SPAN_FACTOR));
                    }
                    return CompletableFuture.completedFuture(
                            Optional.ofNullable(found.lastEntry()).map(entry -> {
                                segments.putIfAbsent(entry.getKey(), entry.getValue());
                                return entry.getValue();
                            }));
                });
    }

    /** A key that sorts right before both objects of a segment at {@code baseOffset}. */
    private String justBefore(long baseOffset) {
        String key = place.indexKey(layout, baseOffset);
        return key.substring(0, key.length() - SegmentKey.Kind.INDEX.suffix().length());
    }

    /** What is known, by base offset: everything once {@link #listed}, else what was written or looked up here. */
    public NavigableMap<Long, Segment> known() {
        return Collections.unmodifiableNavigableMap(segments);
    }

    /** Base offsets of indexes whose segment is gone; known once {@link #listed}. */
    NavigableSet<Long> orphanIndexes() {
        return Collections.unmodifiableNavigableSet(orphanIndexes);
    }

    /** Puts a segment that was just published. */
    void add(Segment segment) {
        segments.put(segment.baseOffset(), segment);
        if (listing != null) {
            changedWhileListing.add(segment.baseOffset());
        }
    }

    /** Forgets segments that are to be deleted, and does not learn of them again by listings while they are still there. */
    void doom(Collection<Long> baseOffsets) {
        segments.keySet().removeAll(baseOffsets);
        orphanIndexes.removeAll(baseOffsets);
        doomed.addAll(baseOffsets);
    }

    /** Segments that were doomed are gone, or were given up: a listing that finds them now is right. */
    void deleted(Collection<Long> baseOffsets) {
        doomed.removeAll(baseOffsets);
        if (listing != null) {
            changedWhileListing.addAll(baseOffsets);
        }
    }

    /** Remembers what was read of a segment. */
    public void learn(long baseOffset, Segment.Facts facts) {
        segments.computeIfPresent(baseOffset, (base, segment) -> segment.with(facts));
    }
}
