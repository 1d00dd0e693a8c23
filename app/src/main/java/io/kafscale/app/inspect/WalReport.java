package io.kafscale.app.inspect;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.format.wal.WalTail;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WAL object taken apart as far as it can be read. Immutable; a part that could not be read, or that this kind of object does not
 * have, is null, and {@code damage} says what is wrong.
 *
 * @param genesis of an object that starts a stream
 * @param sealer of an object that ends a stream: the incarnation that ended it
 * @param chunks of an object with record batches
 * @param consolidated how many earlier objects' directories the footer repeats
 */
record WalReport(
        String object,
        long bytes,
        @Nullable Header header,
        @Nullable Genesis genesis,
        @Nullable String sealer,
        List<Chunk> chunks,
        int consolidated,
        List<String> damage) {

    /** The header. */
    record Header(String kind, String stream, long sequence, String nonce, long trimPosition, long commitPosition) {}

    /** What starts a stream. */
    record Genesis(String clusterId, long metadataRevision) {}

    /** Batches of one partition. */
    record Chunk(
            String topic,
            String topicId,
            int partition,
            int leaderEpoch,
            int position,
            int bytes,
            long baseOffset,
            long lastOffset,
            int batches,
            long records,
            boolean crcMatches) {}

    /** Reads the object as far as that goes. */
    static WalReport of(String object, ByteBuffer bytes) {
        var damage = new Damage();
        var reader = new WalObjectReader();
        var header = damage.attempt(() -> reader.parseHeader(bytes, object));
        var footer = damage.attempt(() -> footer(reader, bytes, object));
        if (footer.isPresent() && header.isPresent()) {
            damage.attempt(() -> reader.parse(bytes, object));
        }
        return new WalReport(
                object,
                bytes.remaining(),
                header.or(() -> footer.map(WalFooter::header))
                        .map(WalReport::header)
                        .orElse(null),
                footer.flatMap(WalReport::genesis).orElse(null),
                footer.flatMap(WalReport::sealer).orElse(null),
                footer.map(found -> chunks(found, bytes)).orElse(List.of()),
                footer.map(found -> found instanceof WalData data
                                ? data.consolidated().size()
                                : 0)
                        .orElse(0),
                damage.found());
    }

    private static WalFooter footer(WalObjectReader reader, ByteBuffer bytes, String object) {
        return switch (reader.parseTail(bytes, bytes.remaining(), object)) {
            case WalTail.Complete complete -> complete.footer();
            case WalTail.Incomplete incomplete ->
                throw new CorruptObjectException("WAL object is cut off", object, bytes.remaining())
                        .with("tailBytes", incomplete.tailBytes());
        };
    }

    private static Header header(WalHeader header) {
        return new Header(
                header.kind().name().toLowerCase(Locale.ROOT),
                header.stream().toString(),
                header.sequence(),
                String.format(Locale.ROOT, "%016x", header.nonce()),
                header.trimPosition(),
                header.commitPosition());
    }

    private static Optional<Genesis> genesis(WalFooter footer) {
        return footer instanceof WalGenesis genesis
                ? Optional.of(new Genesis(genesis.clusterId(), genesis.metadataRevision()))
                : Optional.empty();
    }

    private static Optional<String> sealer(WalFooter footer) {
        return footer instanceof WalSeal seal ? Optional.of(seal.sealer().toString()) : Optional.empty();
    }

    private static List<Chunk> chunks(WalFooter footer, ByteBuffer bytes) {
        return footer instanceof WalData data
                ? data.chunks().stream().map(chunk -> chunk(chunk, bytes)).toList()
                : List.of();
    }

    private static Chunk chunk(WalChunk chunk, ByteBuffer bytes) {
        boolean whole = chunk.end() <= bytes.remaining();
        return new Chunk(
                chunk.topic(),
                chunk.topicId().toString(),
                chunk.partition(),
                chunk.leaderEpoch(),
                chunk.position(),
                chunk.length(),
                chunk.baseOffset(),
                chunk.lastOffset(),
                chunk.batches().size(),
                chunk.batches().stream().mapToLong(batch -> batch.recordCount()).sum(),
                whole && Crc32c.of(bytes, bytes.position() + chunk.position(), chunk.length()) == chunk.crc());
    }
}
