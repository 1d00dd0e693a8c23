package io.kafscale.format.segment;

import io.kafscale.format.Crc32c;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes what the specification says of the extension's checksum, on its own. */
final class IndexBytes {
    private IndexBytes() {}

    static void fixChecksum(ByteBuffer index, int extension) {
        int field = extension + 12;
        var covered = List.of(index.slice(0, field), index.slice(field + 4, index.limit() - field - 4));
        index.putInt(field, Crc32c.of(covered));
    }
}
