package io.kafscale.coordinator;

import io.kafscale.metastore.Bytes;
import java.util.List;

/**
 * The value of a shard's {@code owner} key, as text: {@code 1 {epoch} {incarnation}}, where 1 is the layout's version.
 *
 * @param epoch grows by one with each owner
 * @param incarnation the broker incarnation that owns the shard
 */
record OwnerMark(long epoch, String incarnation) {
    private static final String VERSION = "1";

    Bytes encode() {
        return Bytes.utf8(VERSION + " " + epoch + " " + incarnation);
    }

    /** Throws {@link IllegalArgumentException} if the value is damaged or of a version this code does not know. */
    static OwnerMark decode(Bytes value) {
        List<String> parts = List.of(value.utf8().split(" ", 3));
        if (parts.size() != 3 || !parts.getFirst().equals(VERSION)) {
            throw new IllegalArgumentException("not the owner mark of a group shard: " + value.utf8());
        }
        return new OwnerMark(Long.parseLong(parts.get(1)), parts.get(2));
    }
}
