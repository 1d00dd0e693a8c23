package io.kafscale.coordinator;

import io.kafscale.metastore.Bytes;
import java.util.List;

/**
 * The value of a shard's {@code end} key, as text: {@code 1 {offset} {owner epoch} {nonce}}, where 1 is the layout's version. Every
 * write of the shard writes it, so that it tells afterwards whether a write whose reply was lost took place.
 *
 * @param offset the offset the next coordinator record gets
 * @param ownerEpoch the owner that wrote it
 * @param nonce drawn for one transaction and never used again
 */
record EndMark(long offset, long ownerEpoch, long nonce) {
    private static final String VERSION = "1";

    Bytes encode() {
        return Bytes.utf8(VERSION + " " + offset + " " + ownerEpoch + " " + Long.toHexString(nonce));
    }

    /** Throws {@link IllegalArgumentException} if the value is damaged or of a version this code does not know. */
    static EndMark decode(Bytes value) {
        List<String> parts = List.of(value.utf8().split(" ", 4));
        if (parts.size() != 4 || !parts.getFirst().equals(VERSION)) {
            throw new IllegalArgumentException("not the end mark of a group shard: " + value.utf8());
        }
        return new EndMark(
                Long.parseLong(parts.get(1)), Long.parseLong(parts.get(2)), Long.parseUnsignedLong(parts.get(3), 16));
    }
}
