package io.kafscale.format.wal;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Footer of the object that starts a stream. Immutable; any thread.
 *
 * @param header stream (broker id and epoch) and nonce; sequence 0
 * @param clusterId id of the cluster that the broker belongs to
 * @param metadataRevision highest revision of the metadata store that the broker had seen when it started
 */
public record WalGenesis(WalHeader header, String clusterId, long metadataRevision) implements WalFooter {
    /** Longest cluster id, in bytes of UTF-8. */
    public static final int MAX_CLUSTER_ID_BYTES = 255;

    public WalGenesis {
        if (header.kind() != WalHeader.Kind.GENESIS || metadataRevision < 0) {
            throw new IllegalArgumentException("no genesis: " + header + ", revision " + metadataRevision);
        }
        if (clusterId.getBytes(StandardCharsets.UTF_8).length > MAX_CLUSTER_ID_BYTES) {
            throw new IllegalArgumentException("cluster id is too long: " + clusterId);
        }
    }

    /** The whole object. */
    public WalObject encode() {
        return WalFooterEncoder.object(this, List.of());
    }
}
