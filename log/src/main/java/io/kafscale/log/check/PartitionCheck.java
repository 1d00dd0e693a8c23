package io.kafscale.log.check;

import io.kafscale.format.RecordBatchView;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.check.Finding.Offsets;
import io.kafscale.log.check.Finding.Severity;
import io.kafscale.log.check.PartitionCoverage.Extent;
import io.kafscale.log.check.SegmentCheck.IndexState;
import io.kafscale.log.check.StoredObjects.Outcome;
import io.kafscale.log.internal.Lanes;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One partition: its segments, and whether every offset between log start and durable end is somewhere. Belongs to the loop. */
final class PartitionCheck {
    /** What checks of all partitions share. */
    record Shared(
            CheckContext context,
            CheckSettings settings,
            StoredObjects objects,
            Suspects suspects,
            CheckProgress progress,
            Function<Tenure, StreamContents> streams) {}

    private final Shared shared;
    private final PartitionPlace place;
    private final @Nullable PartitionRecord record;
    private final NavigableMap<Long, ListedSegment> listed;
    private final TreeMap<Long, SegmentCheck.Result> found = new TreeMap<>();
    private long greatestProducerId = -1;

    /**
     * A check.
     *
     * @param record as it was before anything of the partition was listed, or null if there was none
     * @param listed its segments
     */
    PartitionCheck(
            Shared shared,
            PartitionPlace place,
            @Nullable PartitionRecord record,
            NavigableMap<Long, ListedSegment> listed) {
        this.shared = shared;
        this.place = place;
        this.record = record;
        this.listed = listed;
    }

    /** Checks, and says the greatest producer id that was seen. */
    CompletableFuture<Long> run() {
        var check = new SegmentCheck(shared.context(), shared.objects(), place);
        return forEachSegment(
                        shared.settings().parallelReads(),
                        segment -> check.run(segment).thenAccept(result -> found.put(segment.baseOffset(), result)))
                .thenCompose(_ -> shared.settings().deep() ? scan(check) : CompletableFuture.completedFuture(null))
                .thenApply(_ -> {
                    judge();
                    return greatestProducerId;
                });
    }

    private CompletableFuture<Void> forEachSegment(int width, Function<ListedSegment, CompletableFuture<?>> task) {
        var lanes = new Lanes(width);
        Iterator<ListedSegment> left =
                listed.values().stream().filter(ListedSegment::hasData).iterator();
        return LoopFutures.repeat(() -> {
                    if (!left.hasNext()) {
                        return null;
                    }
                    ListedSegment next = left.next();
                    shared.progress().segments.incrementAndGet();
                    return lanes.submit(() -> task.apply(next));
                })
                .thenCompose(_ -> lanes.drained());
    }

    private CompletableFuture<Void> scan(SegmentCheck check) {
        var digests = new BatchDigests();
        List<StreamContents.Chunk> chunks = chunksByTenure().values().stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(StreamContents.Chunk::baseOffset))
                .toList();
        var lanes = new Lanes(2);
        Iterator<SegmentCheck.Result> left = List.copyOf(found.values()).iterator();
        return LoopFutures.repeat(() -> {
                    if (!left.hasNext()) {
                        return null;
                    }
                    SegmentCheck.Result next = left.next();
                    var comparison = new ChunkComparison(chunks);
                    return lanes.submit(() -> check.scanned(
                                    next, (batch, _) -> compare(batch, next, digests, comparison))
                            .thenAccept(result -> found.put(next.listed().baseOffset(), result)));
                })
                .thenCompose(_ -> lanes.drained());
    }

    private void compare(
            RecordBatchView batch, SegmentCheck.Result segment, BatchDigests digests, ChunkComparison comparison) {
        String key =
                place.segmentKey(shared.context().layout(), segment.listed().baseOffset());
        if (isOverlapped(batch, segment)) {
            digests.contradicts(batch, key).ifPresent(other -> overlap(key, batch, other));
        }
        comparison.append(batch).ifPresent(chunk -> overlap(key, batch, "WAL object " + chunk.sequence()));
    }

    /** Whether another segment has offsets of the batch. */
    private boolean isOverlapped(RecordBatchView batch, SegmentCheck.Result segment) {
        long base = segment.listed().baseOffset();
        Long next = found.higherKey(base);
        return (next != null && next <= batch.lastOffset())
                || found.headMap(base, false).descendingMap().values().stream()
                        .limit(8)
                        .anyMatch(before -> before.data() instanceof Outcome.Good<SegmentFacts>(SegmentFacts facts)
                                && facts.lastOffset() >= batch.baseOffset());
    }

    private void overlap(String key, RecordBatchView batch, String other) {
        shared.suspects()
                .add(Finding.damage(Kind.OVERLAP, "the same offsets hold other records than in " + other)
                        .at(key)
                        .in(place.toString())
                        .over(batch.baseOffset(), batch.lastOffset()));
    }

    private Map<Tenure, List<StreamContents.Chunk>> chunksByTenure() {
        var chunks = new HashMap<Tenure, List<StreamContents.Chunk>>();
        if (record != null) {
            for (Tenure tenure : record.tenures()) {
                chunks.put(tenure, shared.streams().apply(tenure).of(place.id()));
            }
        }
        return chunks;
    }

    private void judge() {
        var extents = new ArrayList<Extent>();
        for (SegmentCheck.Result result : found.values()) {
            greatestProducerId = Math.max(greatestProducerId, result.greatestProducerId());
            switch (result.data()) {
                case Outcome.Good<SegmentFacts>(SegmentFacts facts) -> {
                    extents.add(new Extent(facts.baseOffset(), facts.lastOffset()));
                    judgeIndex(result, facts);
                }
                case Outcome.Bad<SegmentFacts>(String why) -> extents.add(unreadable(result, why));
                case Outcome.Gone<SegmentFacts> _ -> {
                    // The records it had are missed below, if newer metadata still wants them.
                }
            }
        }
        if (record == null) {
            extents.forEach(this::strayWithoutRecord);
        } else {
            var coverage = PartitionCoverage.of(record, extents, chunksByTenure());
            coverage.inSegments().forEach(this::gapInSegments);
            coverage.inWal().forEach(this::gapInWal);
            coverage.contradicting().forEach(this::contradiction);
            extents.forEach(extent -> stray(extent, coverage.knownEnd()));
        }
        belowLogStart();
        listed.values().stream().filter(segment -> !segment.hasData()).forEach(this::lonelyIndex);
    }

    private Extent unreadable(SegmentCheck.Result result, String why) {
        long base = result.listed().baseOffset();
        Long next = found.higherKey(base);
        long guess = next != null ? next - 1 : Math.max(base, record == null ? base : record.segmentEndOffset() - 1);
        confirm(
                now -> {
                    boolean counts = base < now.segmentEndOffset() && guess >= now.logStartOffset();
                    return Optional.of(counts ? Severity.DAMAGE : Severity.WARNING);
                },
                Finding.damage(Kind.UNREADABLE_OBJECT, why).at(key(base)).over(base, guess));
        return new Extent(base, guess);
    }

    private void judgeIndex(SegmentCheck.Result result, SegmentFacts facts) {
        long base = facts.baseOffset();
        String key = place.indexKey(shared.context().layout(), base);
        switch (result.index()) {
            case GOOD -> {
                // Nothing to say.
            }
            case MISSING -> {
                if (isOlderThanGrace(result.listed().dataMs())) {
                    whileReadable(
                            facts,
                            Finding.warning(Kind.INDEX_MISSING, result.why()).at(key));
                }
            }
            case DAMAGED ->
                whileReadable(
                        facts, Finding.warning(Kind.INDEX_DAMAGED, result.why()).at(key));
            case OTHER_TOPIC ->
                whileReadable(
                        facts,
                        Finding.damage(Kind.TOPIC_ID_MISMATCH, result.why()).at(key(base)));
        }
    }

    private void whileReadable(SegmentFacts facts, Finding finding) {
        confirm(
                now -> facts.lastOffset() >= now.logStartOffset() ? Optional.of(finding.severity()) : Optional.empty(),
                finding.over(facts.baseOffset(), facts.lastOffset()));
    }

    private void gapInSegments(Offsets gap) {
        shared.suspects()
                .suspect(now -> recordIn(now)
                        .filter(newer -> gap.last() >= newer.logStartOffset())
                        .map(newer -> gap(
                                "offsets below the segment end are in no segment",
                                Math.max(gap.first(), newer.logStartOffset()),
                                gap.last())));
    }

    private void gapInWal(Offsets gap) {
        shared.suspects()
                .suspect(now -> recordIn(now)
                        .filter(newer -> gap.last() >= newer.coveredOffset())
                        .map(newer -> gap(
                                        "offsets of a tenure are in no segment and in no WAL object",
                                        Math.max(gap.first(), newer.coveredOffset()),
                                        gap.last())
                                .so(
                                        "The partition stays closed at the next takeover, and these records are lost unless a"
                                                + " copy of the objects exists.",
                                        "Put the missing objects of the tenures' streams back (versions of the bucket, a copy)."
                                                + " Tenures: " + newer.tenures())));
    }

    private Finding gap(String what, long first, long last) {
        return Finding.damage(Kind.GAP, what).in(place.toString()).over(first, last);
    }

    private void contradiction(Offsets twice) {
        confirm(
                now -> twice.last() >= now.coveredOffset() ? Optional.of(Severity.DAMAGE) : Optional.empty(),
                Finding.damage(Kind.OVERLAP, "two chunks of one tenure claim the same offsets")
                        .over(twice.first(), twice.last()));
    }

    private void stray(Extent extent, long knownEnd) {
        confirm(
                now -> {
                    if (extent.first() <= now.segmentEndOffset()) {
                        return Optional.empty();
                    }
                    return Optional.of(extent.last() >= knownEnd ? Severity.DAMAGE : Severity.WARNING);
                },
                Finding.damage(
                                Kind.STRAY_SEGMENT,
                                "a segment lies beyond the segment end and is not the next one"
                                        + (extent.last() >= knownEnd
                                                ? ": it holds records that the metadata does not know"
                                                : ""))
                        .at(key(extent.first()))
                        .over(extent.first(), extent.last())
                        .so(
                                "Brokers do not serve it; if it was acknowledged, the metadata is older than the bucket.",
                                "If metadata was restored from a copy, run 'kafscale recover'; else keep the object."));
    }

    private void strayWithoutRecord(Extent extent) {
        shared.suspects()
                .suspect(now -> !now.topics().containsKey(place.topic())
                                || recordIn(now).isPresent()
                        ? Optional.empty()
                        : Optional.of(Finding.damage(
                                        Kind.METADATA_INCONSISTENT,
                                        "the partition has segments, but never had a leader")
                                .at(key(extent.first()))
                                .in(place.toString())
                                .over(extent.first(), extent.last())
                                .so("The records are not served.", "Stop the brokers and run 'kafscale recover'.")));
    }

    /** Of these only the number matters. */
    private void belowLogStart() {
        var below = new ArrayList<SegmentFacts>();
        for (SegmentCheck.Result result : found.values()) {
            if (result.data() instanceof Outcome.Good<SegmentFacts>(SegmentFacts facts)
                    && isOlderThanGrace(result.listed().dataMs())
                    && record != null
                    && facts.lastOffset() < record.logStartOffset()) {
                below.add(facts);
            }
        }
        if (!below.isEmpty()) {
            long bytes = below.stream().mapToLong(SegmentFacts::sizeBytes).sum();
            confirm(
                    _ -> Optional.of(Severity.WARNING),
                    Finding.warning(
                                    Kind.BELOW_LOG_START,
                                    below.size() + " segments (" + bytes + " bytes) lie below the log start")
                            .at(key(below.getFirst().baseOffset()))
                            .over(below.getFirst().baseOffset(), below.getLast().lastOffset()));
        }
    }

    private void lonelyIndex(ListedSegment segment) {
        confirm(
                now -> segment.baseOffset() < now.segmentEndOffset() && segment.baseOffset() >= now.logStartOffset()
                        ? Optional.of(Severity.WARNING)
                        : Optional.empty(),
                Finding.warning(Kind.LEFTOVER, "an index without a segment")
                        .at(place.indexKey(shared.context().layout(), segment.baseOffset()))
                        .so("Nothing by itself; a gap here is reported too.", "Nothing."));
    }

    private String key(long baseOffset) {
        return place.segmentKey(shared.context().layout(), baseOffset);
    }

    private boolean isOlderThanGrace(long writtenMs) {
        return shared.context().loop().time().wallClockMs() - writtenMs
                > shared.settings().grace().toMillis();
    }

    /** Reports what the partition's record of the end still makes a finding, with the severity it has then. */
    private void confirm(Function<PartitionRecord, Optional<Severity>> severity, Finding finding) {
        Finding here = finding.in(place.toString());
        shared.suspects().suspect(now -> recordIn(now).flatMap(severity).map(here::as));
    }

    /** The record, unless the topic was deleted meanwhile. */
    private Optional<PartitionRecord> recordIn(StoredNamespace now) {
        PartitionId id = place.id();
        return now.tombstones().containsKey(id.topicId())
                ? Optional.empty()
                : Optional.ofNullable(now.partitions().get(id)).map(Versioned::value);
    }

    /** Whether an index can be rebuilt. */
    static boolean isRebuildable(IndexState state) {
        return state == IndexState.MISSING || state == IndexState.DAMAGED;
    }
}
