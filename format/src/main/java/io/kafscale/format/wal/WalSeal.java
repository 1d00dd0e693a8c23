package io.kafscale.format.wal;

import io.kafscale.format.StreamId;
import java.util.List;

/**
 * Footer of the object that ends a stream. Immutable; any thread.
 *
 * @param header the sealed stream and the sequence at which it ends
 * @param sealer the incarnation that sealed it; the stream's own at a clean shutdown
 */
public record WalSeal(WalHeader header, StreamId sealer) implements WalFooter {
    public WalSeal {
        if (header.kind() != WalHeader.Kind.SEAL) {
            throw new IllegalArgumentException("no seal: " + header);
        }
    }

    /** The whole object. */
    public WalObject encode() {
        return WalFooterEncoder.object(this, List.of());
    }
}
