package io.kafscale.log.check;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.segment.IndexEntry;
import io.kafscale.format.segment.IndexExtension;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentHeader;
import io.kafscale.format.segment.SegmentIdentity;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.check.StoredObjects.Outcome;
import io.kafscale.log.segment.PartitionPlace;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One segment: header, footer and index, and with a scan every byte. Stateless but for its collaborators; belongs to the loop. */
final class SegmentCheck {
    private static final int MAX_INDEX_BYTES = 64 << 20;

    /** What an index turned out to be. */
    enum IndexState {
        /** It is of this segment. */
        GOOD,
        /** There is none. */
        MISSING,
        /** It cannot be read, or is of another file. */
        DAMAGED,
        /** It is of this very file, but says that the file belongs to another topic or partition. */
        OTHER_TOPIC
    }

    /**
     * What was found.
     *
     * @param data the segment itself
     * @param why what is wrong with the index, for those that are not good
     * @param greatestProducerId that the index knows, -1 if none
     */
    record Result(
            ListedSegment listed,
            Outcome<SegmentFacts> data,
            IndexState index,
            String why,
            @Nullable SegmentIndex parsed,
            long greatestProducerId) {}

    private final CheckContext context;
    private final StoredObjects objects;
    private final PartitionPlace place;

    SegmentCheck(CheckContext context, StoredObjects objects, PartitionPlace place) {
        this.context = context;
        this.objects = objects;
        this.place = place;
    }

    /** Reads header, footer and index. */
    CompletableFuture<Result> run(ListedSegment listed) {
        String key = place.segmentKey(context.layout(), listed.baseOffset());
        CompletableFuture<Outcome<SegmentHeader>> header =
                objects.range(key, 0, SegmentHeader.BYTES, bytes -> SegmentHeader.parse(bytes, key));
        return header.thenCompose(begun -> switch (begun) {
            case Outcome.Gone<SegmentHeader> _ ->
                CompletableFuture.completedFuture(without(listed, new Outcome.Gone<>()));
            case Outcome.Bad<SegmentHeader>(String why) ->
                CompletableFuture.completedFuture(without(listed, new Outcome.Bad<>(why)));
            case Outcome.Good<SegmentHeader>(SegmentHeader good) ->
                objects.tail(key, SegmentFooter.BYTES, tail -> {
                            var footer = SegmentFooter.parse(tail.bytes(), tail.objectSize(), key);
                            return agreed(new SegmentFacts(good, footer, tail.objectSize()), listed, key);
                        })
                        .thenCompose(facts -> facts instanceof Outcome.Good<SegmentFacts>(SegmentFacts known)
                                ? index(listed, known)
                                : CompletableFuture.completedFuture(without(listed, facts)));
        });
    }

    private static Result without(ListedSegment listed, Outcome<SegmentFacts> data) {
        return new Result(listed, data, IndexState.GOOD, "", null, -1);
    }

    private static SegmentFacts agreed(SegmentFacts facts, ListedSegment listed, String key) {
        if (facts.baseOffset() != listed.baseOffset()) {
            throw new CorruptObjectException("segment is not the one that its key names", key, 0)
                    .expected(listed.baseOffset(), facts.baseOffset());
        }
        long span = facts.lastOffset() - facts.baseOffset();
        if (span < 0 || facts.header().recordCount() > span + 1 || facts.sizeBytes() > Integer.MAX_VALUE) {
            throw new CorruptObjectException("segment header and footer contradict each other", key, 0)
                    .with("header", facts.header())
                    .with("footer", facts.footer());
        }
        return facts;
    }

    private CompletableFuture<Result> index(ListedSegment listed, SegmentFacts facts) {
        String key = place.indexKey(context.layout(), listed.baseOffset());
        return objects.whole(key, MAX_INDEX_BYTES, bytes -> SegmentIndex.parse(bytes, key))
                .thenApply(outcome -> switch (outcome) {
                    case Outcome.Gone<SegmentIndex> _ ->
                        result(listed, facts, IndexState.MISSING, "the segment has no index", null);
                    case Outcome.Bad<SegmentIndex>(String why) -> result(listed, facts, IndexState.DAMAGED, why, null);
                    case Outcome.Good<SegmentIndex>(SegmentIndex index) -> compared(listed, facts, index);
                });
    }

    private Result compared(ListedSegment listed, SegmentFacts facts, SegmentIndex index) {
        SegmentIdentity file = SegmentIdentity.of(
                place.id().topicId(), place.id().partition(), facts.header(), facts.footer(), facts.sizeBytes());
        Optional<IndexExtension> extension = index.extension();
        if (extension.isEmpty()) {
            boolean possible = index.entries().getFirst().offset() == facts.baseOffset()
                    && index.entries().getLast().position() < facts.sizeBytes()
                    && index.entries().getLast().offset() <= facts.lastOffset();
            return possible
                    ? result(listed, facts, IndexState.GOOD, "", index)
                    : result(listed, facts, IndexState.DAMAGED, "index is of another segment", null);
        }
        SegmentIdentity identity = extension.get().identity();
        if (identity.equals(file)) {
            return result(listed, facts, IndexState.GOOD, "", index);
        }
        boolean thisFile = identity.fileLength() == file.fileLength()
                && identity.bodyCrc() == file.bodyCrc()
                && identity.baseOffset() == file.baseOffset()
                && identity.lastOffset() == file.lastOffset();
        return result(
                listed,
                facts,
                thisFile ? IndexState.OTHER_TOPIC : IndexState.DAMAGED,
                thisFile
                        ? "the segment belongs to topic id " + identity.topicId() + ", partition "
                                + identity.partition() + ", says its index"
                        : "index is of another segment [" + identity + "]",
                index);
    }

    private static Result result(
            ListedSegment listed, SegmentFacts facts, IndexState state, String why, @Nullable SegmentIndex index) {
        long greatest = index == null
                ? -1
                : index.extension()
                        .map(extension -> extension.producers().producers().stream()
                                .mapToLong(producer -> producer.producerId())
                                .max()
                                .orElse(-1))
                        .orElse(-1L);
        return new Result(
                listed, new Outcome.Good<>(facts), state, why, state == IndexState.GOOD ? index : null, greatest);
    }

    /**
     * Reads a segment whose header and footer are good to its last byte, and whether its index leads to batches.
     *
     * @param visitor sees every batch
     */
    CompletableFuture<Result> scanned(Result known, BiConsumer<RecordBatchView, Integer> visitor) {
        if (!(known.data() instanceof Outcome.Good<SegmentFacts>(SegmentFacts facts))) {
            return CompletableFuture.completedFuture(known);
        }
        var entries = new EntryCheck(known.parsed());
        String key = place.segmentKey(context.layout(), facts.baseOffset());
        return new SegmentScan(objects, key, facts, (batch, position) -> {
                    entries.visit(batch, position);
                    visitor.accept(batch, position);
                })
                .run()
                .thenApply(data -> {
                    boolean astray = data instanceof Outcome.Good<SegmentFacts> && !entries.allFound();
                    return new Result(
                            known.listed(),
                            data,
                            astray ? IndexState.DAMAGED : known.index(),
                            astray ? "index entries do not lead to batches of the segment" : known.why(),
                            known.parsed(),
                            Math.max(known.greatestProducerId(), entries.greatestProducerId));
                });
    }

    /** Whether each entry of an index is where a batch starts. */
    private static final class EntryCheck {
        private final @Nullable Iterator<IndexEntry> left;
        private @Nullable IndexEntry next;
        private long greatestProducerId = -1;

        EntryCheck(@Nullable SegmentIndex index) {
            left = index == null ? null : index.entries().iterator();
            advance();
        }

        private void advance() {
            next = left != null && left.hasNext() ? left.next() : null;
        }

        void visit(RecordBatchView batch, int position) {
            greatestProducerId = Math.max(greatestProducerId, batch.producerId());
            IndexEntry entry = next;
            if (entry != null && entry.offset() == batch.baseOffset() && entry.position() == position) {
                advance();
            }
        }

        boolean allFound() {
            return next == null;
        }
    }
}
