package io.kafscale.format.wal;

import java.util.List;

/**
 * Footer of an object that holds record batches. Immutable; any thread.
 *
 * @param header stream, sequence, positions
 * @param chunks what the object holds, in order of position, without gaps between them
 * @param consolidated directories of objects before this one, ascending by sequence; usually empty. An object that is
 *     not listed has to be read itself
 */
public record WalData(WalHeader header, List<WalChunk> chunks, List<WalDirectory> consolidated) implements WalFooter {
    public WalData {
        if (header.kind() != WalHeader.Kind.DATA) {
            throw new IllegalArgumentException("no data: " + header);
        }
        chunks = List.copyOf(chunks);
        consolidated = List.copyOf(consolidated);
    }
}
