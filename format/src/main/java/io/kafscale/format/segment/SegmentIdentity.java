package io.kafscale.format.segment;

import io.kafscale.format.Crc32c;
import java.util.UUID;

/**
 * What tells one {@code .kfs} file from any other; an index carries that of the file it was built from. Can be had from
 * the file's header and footer alone. Immutable; any thread.
 *
 * @param topicId id of the topic, so that files of an earlier topic of the same name are not taken for its own
 * @param partition partition of the topic
 * @param baseOffset offset of the first record
 * @param lastOffset offset of the last record
 * @param fileLength bytes of the whole file
 * @param bodyCrc CRC-32C in the file's footer
 */
public record SegmentIdentity(
        UUID topicId, int partition, long baseOffset, long lastOffset, long fileLength, int bodyCrc) {

    /** The identity of the file with this header, footer and length. */
    public static SegmentIdentity of(
            UUID topicId, int partition, SegmentHeader header, SegmentFooter footer, long fileLength) {
        return new SegmentIdentity(
                topicId, partition, header.baseOffset(), footer.lastOffset(), fileLength, footer.bodyCrc());
    }

    @Override
    public String toString() {
        return "SegmentIdentity[topic " + topicId + ", partition " + partition + ", offsets " + baseOffset + ".."
                + lastOffset + ", " + fileLength + " bytes, crc " + Crc32c.toHex(bodyCrc) + "]";
    }
}
