package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalDirectory;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObject;
import io.kafscale.format.wal.WalSeal;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The writing end of the own stream: gives each object its place and fixes its nonce and positions, once. Objects are built in the
 * order of their sequences, so both positions only ever grow along the stream. Log loop only.
 */
final class StreamCursor {
    private final StreamId stream;
    private final RandomGenerator random;
    private final RecentDirectories directories;
    private final TrimPosition trim = new TrimPosition();
    private long nextSequence;

    /** A cursor behind a genesis object that is durable. */
    StreamCursor(StreamId stream, RandomGenerator random, long directoryBytes) {
        this.stream = stream;
        this.random = random;
        this.directories = new RecentDirectories(directoryBytes);
        this.nextSequence = 1;
        directories.add(new WalDirectory(0, List.of()));
    }

    long nextSequence() {
        return nextSequence;
    }

    TrimPosition trim() {
        return trim;
    }

    /**
     * Builds the next object.
     *
     * @param commitPosition sequence before which every object is acknowledged now
     */
    WalObject build(OpenObject content, long commitPosition) {
        var header = header(WalHeader.Kind.DATA, commitPosition);
        var object = content.build(header, directories.toRepeatAt(nextSequence));
        var chunks = ((WalData) object.footer()).chunks();
        trim.built(nextSequence, chunks.size());
        directories.add(new WalDirectory(nextSequence, chunks));
        nextSequence++;
        return object;
    }

    /** Builds the object that ends the stream at the next sequence; all before it must be acknowledged. */
    WalObject seal() {
        return new WalSeal(header(WalHeader.Kind.SEAL, nextSequence), stream).encode();
    }

    private WalHeader header(WalHeader.Kind kind, long commitPosition) {
        return new WalHeader(kind, stream, nextSequence, random.nextLong(), trim.below(commitPosition), commitPosition);
    }
}
