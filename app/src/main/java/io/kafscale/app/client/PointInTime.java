package io.kafscale.app.client;

import io.kafscale.app.settings.Durations;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A time as a user writes it: {@code 2026-11-21T10:00:00Z}, milliseconds since the epoch, or how long ago ({@code 1h}). Immutable.
 *
 * @param epochMs milliseconds since the epoch
 */
record PointInTime(long epochMs) {
    /** Teaches picocli to read one. */
    static final class Converter implements ITypeConverter<PointInTime> {
        @Override
        public PointInTime convert(String text) {
            return parse(text, InstantSource.system());
        }
    }

    static PointInTime parse(String text, InstantSource clock) {
        try {
            if (text.matches("\\d+")) {
                return new PointInTime(Long.parseLong(text));
            }
            if (text.matches("\\d+\\s*[a-z]+")) {
                return new PointInTime(
                        clock.instant().minus(Durations.parse(text)).toEpochMilli());
            }
            return new PointInTime(Instant.parse(text).toEpochMilli());
        } catch (DateTimeParseException | IllegalArgumentException malformed) {
            throw new TypeConversionException(
                    "'" + text
                            + "' is not a time; write 2026-11-21T10:00:00Z, milliseconds since the epoch, or how long ago, as in 1h");
        }
    }
}
