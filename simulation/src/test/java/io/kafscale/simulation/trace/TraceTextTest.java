package io.kafscale.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.simulation.trace.TraceLine.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceTextTest {
    private static final String ID = "9c53b1aa-4da9-4756-8aed-1ebb36f00099";

    private final TraceText text = new TraceText(Map.of(ID, "topic-0~2"));

    @Test
    void aTraceNamesTopicsShortensKeysAndMarksFaults() {
        var lines = List.of(
                new TraceLine(1_500_000_000L, Kind.STEP, "tailer-4", "reads 3 to 9 of " + ID + "/1"),
                new TraceLine(
                        2_000_001_000L,
                        Kind.FAULT,
                        "broker-1/s3",
                        "put sim/.wal/1-12/00000000000000000021.wal -> REQUEST_LOST"),
                new TraceLine(
                        12_000_000_000L, Kind.LOG, "broker-1", "sim/topic-0~2/1/segment-00000000000000000000.index"));
        assertThat(text.of(lines))
                .containsExactly(
                        "   1.500000   tailer-4       reads 3 to 9 of topic-0~2/1",
                        "   2.000001 ! broker-1/s3    put wal 1-12 #21 -> REQUEST_LOST",
                        "  12.000000 | broker-1       topic-0~2/1/0.index");
    }

    @Test
    void anIdThatNobodyKnowsStays() {
        String other = "00000000-0000-0000-0000-000000000001";
        assertThat(text.named(other + "/0")).isEqualTo(other + "/0");
    }

    @Test
    void eachPartOfAPlanHasItsLine() {
        assertThat(TraceText.plan("HistoryPlan[turbulence=PT29S, log=LogSettings[a=1, b=2], rereaders=2]"))
                .isEqualTo("turbulence=PT29S\n    log: a=1, b=2, rereaders=2");
    }
}
