package io.kafscale.log.engine;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.metastore.MetadataException;
import java.util.Optional;

/** Tells stored bytes that cannot be right, which stay so, from what may pass. Stateless. */
final class Damage {
    private Damage() {}

    /** The failure as one of kind CORRUPT, if it is damage. */
    static Optional<LogException> in(Throwable cause) {
        return switch (cause) {
            case LogException known when known.kind() == Kind.CORRUPT -> Optional.of(known);
            case CorruptObjectException bytes ->
                Optional.of(new LogException(Kind.CORRUPT, String.valueOf(bytes.getMessage()), bytes));
            case MetadataException record
            when record.kind() == MetadataException.Kind.CORRUPT ->
                Optional.of(new LogException(Kind.CORRUPT, String.valueOf(record.getMessage()), record));
            default -> Optional.empty();
        };
    }
}
