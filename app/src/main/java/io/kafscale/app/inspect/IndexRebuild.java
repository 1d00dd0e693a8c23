package io.kafscale.app.inspect;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.segment.IndexExtension;
import io.kafscale.format.segment.IndexSource;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentIndex;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;

/**
 * Builds the index of a segment anew. What the {@code .kfs} file does not know (the topic's id, the producers that wrote before it) is
 * taken from the old index if that can be read, from the index of the segment before it, or from the user. Main thread.
 */
final class IndexRebuild {
    /**
     * What was done.
     *
     * @param extension whether the index knows its topic, times, epochs and producers
     * @param producersComplete whether it knows all producers that wrote to the partition
     */
    record Result(String index, int entries, int bytes, boolean extension, boolean producersComplete) {}

    private static final UUID UNKNOWN_TOPIC = new UUID(0, 0);

    private final StoredObject index;
    private final SegmentFile file;
    private final Optional<SegmentIndex> old;
    private final Optional<UUID> topicId;

    /**
     * A rebuild of {@code index}.
     *
     * @param file the verified {@code .kfs} file
     * @param old the index that is there, if it can be read
     * @param topicId the topic's id, if the user knows it
     */
    IndexRebuild(StoredObject index, SegmentFile file, Optional<SegmentIndex> old, Optional<UUID> topicId) {
        this.index = index;
        this.file = file;
        this.old = old;
        this.topicId = topicId;
    }

    /** Whether the index that is there was built from this very file. */
    boolean isNeedless() {
        return oldExtension()
                .map(extension -> file.identity(
                                extension.identity().topicId(),
                                extension.identity().partition())
                        .equals(extension.identity()))
                .orElse(false);
    }

    /** Builds the index and writes it. */
    Result run(int intervalRecords) {
        var before = indexBefore();
        var known = topicId.or(() ->
                        oldExtension().map(extension -> extension.identity().topicId()))
                .or(() -> before.map(extension -> extension.identity().topicId()));
        var producers = file.header().baseOffset() == 0
                ? ProducerStateSnapshot.EMPTY
                : before.filter(extension -> known.isEmpty()
                                || known.get().equals(extension.identity().topicId()))
                        .map(IndexExtension::producers)
                        .orElse(ProducerStateSnapshot.UNKNOWN);
        var built = SegmentIndex.build(
                file, new IndexSource(known.orElse(UNKNOWN_TOPIC), partition(), intervalRecords, producers));
        var written = known.isPresent() ? built : built.withoutExtension();
        var bytes = written.encode();
        int size = bytes.remaining();
        index.replace(bytes);
        return new Result(
                index.name(),
                written.entries().size(),
                size,
                known.isPresent(),
                known.isPresent() && producers.complete());
    }

    private Optional<IndexExtension> oldExtension() {
        return old.flatMap(SegmentIndex::extension);
    }

    /** The partition's directory carries its number. */
    private int partition() {
        String directory = index.directoryName();
        return directory.matches("\\d{1,9}") ? Integer.parseInt(directory) : 0;
    }

    /** The extension of the index of the segment that ends just before this one. */
    private Optional<IndexExtension> indexBefore() {
        return index.fileNames().stream()
                .filter(name ->
                        name.endsWith(SegmentInspectCommand.INDEX_SUFFIX) && name.compareTo(index.fileName()) < 0)
                .max(Comparator.naturalOrder())
                .flatMap(name -> extension(index.sibling(name)))
                .filter(extension ->
                        extension.identity().lastOffset() + 1 == file.header().baseOffset());
    }

    private static Optional<IndexExtension> extension(StoredObject index) {
        return index.read().flatMap(bytes -> {
            try {
                return SegmentIndex.parse(bytes, index.name()).extension();
            } catch (CorruptObjectException damaged) {
                return Optional.empty(); // it cannot help; its own repair is another run of this command
            }
        });
    }
}
