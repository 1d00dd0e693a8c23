package io.kafscale.simulation;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No history breaks a rule: some that are always the same, some that nobody has seen, and those that once did. */
class SimulationTest {
    private static final int FIXED = 300;
    private static final int FRESH = 150;

    @Test
    void theUsualHistoriesBreakNoRule() throws Exception {
        assertNothingBreaks(1, FIXED);
    }

    @Test
    void historiesThatNobodyHasSeenBreakNoRule() throws Exception {
        long first = new SplittableRandom().nextLong(1_000_000_000);
        System.out.println("fresh seeds from " + first + " on");
        assertNothingBreaks(first, FRESH);
    }

    @ParameterizedTest
    @MethodSource("regressions")
    void aHistoryThatOnceBrokeARuleDoesNotAnyMore(long seed) throws Exception {
        assertNothingBreaks(seed, 1);
    }

    /** Seeds with a word on why, one in a line; what follows a # is for people. */
    static Stream<Long> regressions() throws IOException {
        try (InputStream list = SimulationTest.class.getResourceAsStream("/regressions.seeds")) {
            String text = new String(Objects.requireNonNull(list).readAllBytes(), StandardCharsets.UTF_8);
            List<Long> seeds = text.lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .map(Long::valueOf)
                    .toList();
            return seeds.stream();
        }
    }

    private static void assertNothingBreaks(long first, long count) throws Exception {
        var broken = new ArrayList<HistoryResult>();
        var begun = new AtomicLong();
        long observations = 0;
        try (var campaign = new Campaign(
                first, Runtime.getRuntime().availableProcessors(), () -> begun.getAndIncrement() < count)) {
            while (campaign.hasNext()) {
                HistoryResult result = campaign.next();
                observations += result.observations();
                result.violation().ifPresent(violation -> broken.add(result));
            }
        }
        assertThat(broken)
                .withFailMessage(() -> broken.stream()
                        .map(result -> result.account().violation() + "\n    replay it: make sim SEED=" + result.seed())
                        .collect(joining("\n", "Of " + count + " histories from seed " + first + " on:\n", "")))
                .isEmpty();
        assertThat(observations).as("answers that were judged").isGreaterThan(count * 50);
    }
}
