package io.kafscale.format;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where each object of a namespace lives, and what a key found by listing means.
 *
 * <pre>
 * {namespace}/.cluster
 * {namespace}/.cluster~{restore generation}
 * {namespace}/.wal/{broker-id}-{broker-epoch}/{sequence, 20 digits}.wal
 * {namespace}/{topic directory}/{partition}/segment-{base offset, 20 digits}.kfs | .index
 * </pre>
 *
 * <p>Each number has one spelling, so parsing a key and building it again gives the same key. Immutable; any thread.
 *
 * @param namespace one or more path elements, joined by {@code /}, without a slash at either end
 */
public record ObjectLayout(String namespace) {
    private static final String WAL_SUFFIX = ".wal";
    private static final String SEGMENT_PREFIX = "segment-";
    private static final String RESTORED = "~";

    public ObjectLayout {
        for (String element : namespace.split("/", -1)) {
            if (element.isEmpty() || element.equals(".") || element.equals("..")) {
                throw new IllegalArgumentException("not a namespace: '" + namespace + "'");
            }
        }
    }

    /** Prefix of every key of this namespace. */
    public String prefix() {
        return namespace + "/";
    }

    /** Key of the object that holds the cluster's identity. */
    public String clusterKey() {
        return namespace + "/.cluster";
    }

    /** Key of the object that holds the cluster's identity since its metadata was rebuilt for the {@code generation}-th time. */
    public String clusterKey(int generation) {
        if (generation < 0) {
            throw new IllegalArgumentException("negative restore generation " + generation);
        }
        return generation == 0 ? clusterKey() : clusterKey() + RESTORED + generation;
    }

    /** The restore generation that the key of an identity names, 0 for the first; empty if the key is none. */
    public OptionalInt parseClusterKey(String key) {
        if (key.equals(clusterKey())) {
            return OptionalInt.of(0);
        }
        if (!key.startsWith(clusterKey() + RESTORED)) {
            return OptionalInt.empty();
        }
        var generation = Decimal.parse(key.substring(clusterKey().length() + RESTORED.length()));
        return generation.isPresent() && generation.getAsLong() > 0 && generation.getAsLong() <= Integer.MAX_VALUE
                ? OptionalInt.of((int) generation.getAsLong())
                : OptionalInt.empty();
    }

    /** Prefix of all WAL objects of all streams. */
    public String walPrefix() {
        return namespace + "/.wal/";
    }

    /** Prefix of all WAL objects of one stream; the order of keys is the order of sequences. */
    public String walPrefix(StreamId stream) {
        return walPrefix() + stream + "/";
    }

    /** Key of one WAL object. */
    public String walKey(StreamId stream, long sequence) {
        return walPrefix(stream) + Decimal.padded(sequence) + WAL_SUFFIX;
    }

    /** Key of one WAL object. */
    public String walKey(WalKey key) {
        return walKey(key.stream(), key.sequence());
    }

    /** What the key of a WAL object says; empty if the key is none of this namespace. */
    public Optional<WalKey> parseWalKey(String key) {
        if (!key.startsWith(walPrefix()) || !key.endsWith(WAL_SUFFIX)) {
            return Optional.empty();
        }
        String inside = key.substring(walPrefix().length(), key.length() - WAL_SUFFIX.length());
        int slash = inside.indexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        var sequence = Decimal.parsePadded(inside.substring(slash + 1));
        return StreamId.parse(inside.substring(0, slash))
                .filter(_ -> sequence.isPresent())
                .map(stream -> new WalKey(stream, sequence.getAsLong()));
    }

    /** Prefix of all objects of one topic. */
    public String topicPrefix(String topicDirectory) {
        return namespace + "/" + topicDirectory + "/";
    }

    /** Prefix of all objects of one partition; the order of keys is the order of base offsets. */
    public String partitionPrefix(String topicDirectory, int partition) {
        if (partition < 0) {
            throw new IllegalArgumentException("negative partition " + partition);
        }
        return topicPrefix(topicDirectory) + partition + "/";
    }

    /** Key of the data file of a segment. */
    public String segmentKey(String topicDirectory, int partition, long baseOffset) {
        return key(new SegmentKey(topicDirectory, partition, baseOffset, SegmentKey.Kind.DATA));
    }

    /** Key of the index file of a segment. */
    public String indexKey(String topicDirectory, int partition, long baseOffset) {
        return key(new SegmentKey(topicDirectory, partition, baseOffset, SegmentKey.Kind.INDEX));
    }

    /** Key of one file of a segment. */
    public String key(SegmentKey key) {
        return partitionPrefix(key.topicDirectory(), key.partition())
                + SEGMENT_PREFIX
                + Decimal.padded(key.baseOffset())
                + key.kind().suffix();
    }

    /** What the key of a segment's file says; empty if the key is none of this namespace. */
    public Optional<SegmentKey> parseSegmentKey(String key) {
        if (!key.startsWith(prefix())) {
            return Optional.empty();
        }
        var elements = List.of(key.substring(prefix().length()).split("/", -1));
        if (elements.size() != 3 || TopicDirectory.parse(elements.get(0)).isEmpty()) {
            return Optional.empty();
        }
        var partition = Decimal.parse(elements.get(1));
        if (partition.isEmpty() || partition.getAsLong() > Integer.MAX_VALUE) {
            return Optional.empty();
        }
        return parseFile(elements.get(0), (int) partition.getAsLong(), elements.get(2));
    }

    private static Optional<SegmentKey> parseFile(String topicDirectory, int partition, String file) {
        for (SegmentKey.Kind kind : SegmentKey.Kind.values()) {
            if (file.startsWith(SEGMENT_PREFIX) && file.endsWith(kind.suffix())) {
                int end = Math.max(
                        SEGMENT_PREFIX.length(), file.length() - kind.suffix().length());
                var base = Decimal.parsePadded(file.substring(SEGMENT_PREFIX.length(), end));
                if (base.isPresent()) {
                    return Optional.of(new SegmentKey(topicDirectory, partition, base.getAsLong(), kind));
                }
            }
        }
        return Optional.empty();
    }
}
