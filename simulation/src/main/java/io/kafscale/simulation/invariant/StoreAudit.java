package io.kafscale.simulation.invariant;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.SegmentKey;
import io.kafscale.format.StreamId;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.simulation.store.Bucket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Reads what the two stores hold of a partition by the formats and the rules of the design alone, without any of the broker's code:
 * segments in the order of their base offsets, then the chunks that lie inside of a tenure of their own stream, as far as each stream
 * goes on without a gap. Objects never change, so each is read once. Confined to the simulation's one thread.
 */
public final class StoreAudit {
    private record Chunk(WalChunk chunk, List<ReadBatch> batches) {}

    private record WalContent(WalHeader header, List<Chunk> chunks) {}

    private final Bucket bucket;
    private final ObjectLayout layout;
    private final Map<String, List<ReadBatch>> segments = new HashMap<>();
    private final Map<String, WalContent> walObjects = new HashMap<>();

    /** An audit of a bucket. */
    public StoreAudit(Bucket bucket, ObjectLayout layout) {
        this.bucket = bucket;
        this.layout = layout;
    }

    /** What is stored of a partition whose record is this. */
    public StoredRecords of(PartitionFacts partition, PartitionRecord record) {
        return new StoredRecords(
                record.logStartOffset(), record.segmentEndOffset(), inSegments(partition), inWal(record));
    }

    private NavigableMap<Long, ReadBatch> inSegments(PartitionFacts partition) {
        var found = new TreeMap<Long, ReadBatch>();
        String prefix = layout.partitionPrefix(
                partition.topic().directory(), partition.id().partition());
        long next = 0;
        for (String key : bucket.keys(prefix)) {
            if (layout.parseSegmentKey(key).map(SegmentKey::kind).orElse(null) == SegmentKey.Kind.DATA) {
                for (ReadBatch batch : segments.computeIfAbsent(key, this::readSegment)) {
                    if (batch.baseOffset() >= next) {
                        found.put(batch.baseOffset(), batch);
                        next = batch.lastOffset() + 1;
                    }
                }
            }
        }
        return found;
    }

    private List<ReadBatch> readSegment(String key) {
        var batches = new ArrayList<ReadBatch>();
        SegmentFile.parse(bytes(key), key).forEachBatch((batch, position) -> batches.add(ReadBatch.of(batch, key)));
        return batches;
    }

    private NavigableMap<Long, ReadBatch> inWal(PartitionRecord record) {
        var found = new TreeMap<Long, ReadBatch>();
        for (Tenure tenure : record.tenures()) {
            for (Chunk chunk : chunksThatCount(tenure)) {
                WalChunk known = chunk.chunk();
                boolean ours = known.topicId().equals(record.topicId())
                        && known.partition() == record.partition()
                        && known.leaderEpoch() == tenure.leaderEpoch();
                if (ours) {
                    chunk.batches().stream()
                            .filter(batch -> tenure.holds(batch.baseOffset(), batch.lastOffset()))
                            .forEach(batch -> found.put(batch.baseOffset(), batch));
                }
            }
        }
        return found;
    }

    /** Those of the stream's objects that follow each other from the trim position on, up to the first that is missing or a seal. */
    private List<Chunk> chunksThatCount(Tenure tenure) {
        var stream = new StreamId(tenure.stream().brokerId(), tenure.stream().brokerEpoch());
        var objects = new TreeMap<Long, WalContent>();
        long next = 0;
        for (String key : bucket.keys(layout.walPrefix(stream))) {
            WalContent object = walObjects.computeIfAbsent(key, this::readWal);
            objects.put(object.header().sequence(), object);
            next = Math.max(next, object.header().trimPosition());
        }
        var chunks = new ArrayList<Chunk>();
        for (WalContent object : objects.tailMap(next).values()) {
            if (object.header().sequence() != next || object.header().kind() == WalHeader.Kind.SEAL) {
                break;
            }
            chunks.addAll(object.chunks());
            next++;
        }
        return chunks;
    }

    private WalContent readWal(String key) {
        ByteBuffer whole = bytes(key);
        WalFooter footer = new WalObjectReader().parse(whole, key);
        var chunks = new ArrayList<Chunk>();
        if (footer instanceof WalData data) {
            for (WalChunk chunk : data.chunks()) {
                ByteBuffer slice = whole.slice(chunk.position(), chunk.length());
                chunks.add(new Chunk(chunk, ReadBatch.all(List.of(slice), key)));
            }
        }
        return new WalContent(footer.header(), chunks);
    }

    private ByteBuffer bytes(String key) {
        return bucket.get(key).orElseThrow();
    }
}
