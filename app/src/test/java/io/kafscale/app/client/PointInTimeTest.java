package io.kafscale.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class PointInTimeTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T10:00:00Z"));

    @Test
    void aTimeHasThreeSpellings() {
        assertThat(parse("2026-11-21T10:00:00Z")).isEqualTo(Instant.parse("2026-11-21T10:00:00Z"));
        assertThat(parse("1795255200000")).isEqualTo(Instant.ofEpochMilli(1795255200000L));
        assertThat(parse("90m")).isEqualTo(Instant.parse("2026-11-21T08:30:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "noon", "2026-11-21", "1 fortnight", "-1h", "99999999999999999999"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("is not a time; write");
    }

    private static Instant parse(String text) {
        return Instant.ofEpochMilli(PointInTime.parse(text, CLOCK).epochMs());
    }
}
