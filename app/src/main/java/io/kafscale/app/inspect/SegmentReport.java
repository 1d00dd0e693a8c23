package io.kafscale.app.inspect;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.RecordBatches;
import io.kafscale.format.segment.IndexEntry;
import io.kafscale.format.segment.IndexExtension;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentHeader;
import io.kafscale.format.segment.SegmentIdentity;
import io.kafscale.format.segment.SegmentIndex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A {@code .kfs} file and its {@code .index}, taken apart as far as they can be read. Immutable; a part that could not be read is
 * null, and {@code damage} says why.
 *
 * @param bytes size of the {@code .kfs} file
 * @param batches the batches in order; ends before the first whose header cannot be
 * @param damage what is wrong; empty if all is well
 */
record SegmentReport(
        String object,
        long bytes,
        @Nullable Header header,
        @Nullable Footer footer,
        List<BatchView> batches,
        @Nullable Index index,
        List<String> damage) {

    /** The file's header. */
    record Header(long baseOffset, int records, long createdMs) {}

    /** The file's footer, and the checksum of the body that is there. */
    record Footer(long lastOffset, String storedCrc, String computedCrc) {}

    /**
     * The index.
     *
     * @param verdict how it relates to the {@code .kfs} file, in words
     * @param extension null in an index written by others
     */
    record Index(
            String object,
            long bytes,
            int intervalRecords,
            List<IndexEntry> entries,
            @Nullable Extension extension,
            String verdict) {}

    /** What our indexes carry behind the entries. */
    record Extension(
            String topicId,
            int partition,
            int times,
            int epochs,
            int producers,
            boolean producersComplete,
            long maxTimestampMs) {}

    /** Reads both files as far as that goes. */
    static SegmentReport of(StoredObject segment, ByteBuffer kfs, StoredObject index, Optional<ByteBuffer> idx) {
        var damage = new Damage();
        var header = damage.attempt(() -> SegmentHeader.parse(kfs, segment.name()));
        var footer = damage.attempt(() -> SegmentFooter.parse(kfs, kfs.remaining(), segment.name()));
        var batches = header.isPresent() ? batches(segment.name(), kfs, damage) : List.<BatchView>of();
        if (header.isPresent() && footer.isPresent()) {
            damage.attempt(() -> SegmentFile.parse(kfs, segment.name()));
        }
        batches.stream()
                .filter(batch -> !batch.crcMatches())
                .forEach(batch ->
                        damage.add("record batch does not match its checksum [object=" + segment.name() + ", position="
                                + batch.position() + ", offsets=" + batch.baseOffset() + ".." + batch.lastOffset()
                                + "]"));
        var identified = header.flatMap(head -> footer.map(foot -> new Identified(head, foot, kfs.remaining())));
        var indexView = idx.flatMap(bytes -> damage.attempt(() -> SegmentIndex.parse(bytes, index.name()))
                .map(parsed -> index(index.name(), bytes.remaining(), parsed, identified, batches)));
        if (idx.isEmpty()) {
            damage.add("there is no index [object=" + index.name() + "]; 'kafscale segment reindex' builds it");
        }
        indexView
                .filter(view -> view.verdict().startsWith("is not"))
                .ifPresent(view -> damage.add("the index " + view.verdict() + " [object=" + index.name() + "]"));
        return new SegmentReport(
                segment.name(),
                kfs.remaining(),
                header.map(head -> new Header(head.baseOffset(), head.recordCount(), head.createdMs()))
                        .orElse(null),
                footer.map(foot -> footer(foot, kfs)).orElse(null),
                batches,
                indexView.orElse(null),
                damage.found().stream().distinct().toList());
    }

    /** What an index says of its file, but for the topic, which a {@code .kfs} file does not know. */
    private record Identified(SegmentHeader header, SegmentFooter footer, long length) {
        boolean isMeantBy(IndexExtension extension) {
            var claimed = extension.identity();
            return SegmentIdentity.of(claimed.topicId(), claimed.partition(), header, footer, length)
                    .equals(claimed);
        }
    }

    private static Footer footer(SegmentFooter footer, ByteBuffer kfs) {
        int body = kfs.remaining() - SegmentHeader.BYTES - SegmentFooter.BYTES;
        int computed = Crc32c.of(kfs, kfs.position() + SegmentHeader.BYTES, body);
        return new Footer(footer.lastOffset(), Crc32c.toHex(footer.bodyCrc()), Crc32c.toHex(computed));
    }

    private static List<BatchView> batches(String object, ByteBuffer kfs, Damage damage) {
        int end = kfs.remaining() - SegmentFooter.BYTES;
        var views = new ArrayList<BatchView>();
        if (end <= SegmentHeader.BYTES) {
            return views;
        }
        var body = kfs.slice(kfs.position() + SegmentHeader.BYTES, end - SegmentHeader.BYTES);
        try {
            for (var batch : RecordBatches.of(body, object, SegmentHeader.BYTES)) {
                views.add(BatchView.of(batch, SegmentHeader.BYTES + batch.position()));
            }
        } catch (CorruptObjectException damaged) {
            damage.add(damaged.getMessage());
        }
        return views;
    }

    private static Index index(
            String object, long bytes, SegmentIndex index, Optional<Identified> file, List<BatchView> batches) {
        var starts = batches.stream()
                .map(batch -> new IndexEntry(batch.baseOffset(), batch.position()))
                .collect(Collectors.toSet());
        return new Index(
                object,
                bytes,
                index.intervalRecords(),
                index.entries(),
                index.extension().map(SegmentReport::extension).orElse(null),
                verdict(index, file, starts));
    }

    private static String verdict(SegmentIndex index, Optional<Identified> file, Set<IndexEntry> starts) {
        if (file.isEmpty()) {
            return "cannot be compared with the segment";
        }
        if (!starts.containsAll(index.entries())) {
            return "is not this segment's: it has entries where no batch starts";
        }
        return index.extension()
                .map(extension -> file.get().isMeantBy(extension)
                        ? "matches the segment"
                        : "is not this segment's: it was built from another file")
                .orElse("fits the segment; it has no extension that could prove it");
    }

    private static Extension extension(IndexExtension extension) {
        return new Extension(
                extension.identity().topicId().toString(),
                extension.identity().partition(),
                extension.times().size(),
                extension.epochs().size(),
                extension.producers().producers().size(),
                extension.producers().complete(),
                extension.maxTimestamp().maxTimestampMs());
    }
}
