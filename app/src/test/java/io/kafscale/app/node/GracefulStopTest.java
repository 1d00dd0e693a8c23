package io.kafscale.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.app.settings.HostPort;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GracefulStopTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final CompletableFuture<Void> handedOver = new CompletableFuture<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final CompletableFuture<Void> aborted = new CompletableFuture<>();
    private final StringWriter err = new StringWriter();

    /** Leads three partitions, and hands them over when the test says so. */
    private final class LeadingNode implements RunningNode {
        @Override
        public HostPort listening() {
            return new HostPort("127.0.0.1", 4711);
        }

        @Override
        public String storage() {
            return "memory:";
        }

        @Override
        public String metadata() {
            return "memory:";
        }

        @Override
        public Standing standing() {
            return new Standing(1, "1-1", "a-cluster", List.of());
        }

        @Override
        public CompletableFuture<Void> handOver() {
            return handedOver;
        }

        @Override
        public String remaining() {
            return "3 partitions";
        }

        @Override
        public CompletableFuture<Void> stopped() {
            return stopped;
        }

        @Override
        public void close() {
            stopped.complete(null);
        }
    }

    @Test
    void theFirstRequestHandsEverythingOverBeforeItStops() {
        try (var stop = stop(LONG)) {
            stop.request();
            assertThat(stopped).isNotDone();
            handedOver.complete(null);
            await(stopped);
        }
        assertThat(aborted).isNotDone();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void theSecondRequestEndsItAtOnceAndSaysWhatWasLeft() {
        try (var stop = stop(LONG)) {
            stop.request();
            stop.request();
            await(aborted);
        }
        assertThat(err.toString())
                .startsWith("Stopped at once, since a second request to stop came: 3 partitions not handed over.")
                .hasLineCount(1);
        assertThat(stopped).isNotDone();
    }

    @Test
    void aStopThatTakesTooLongIsCutShort() {
        try (var stop = stop(Duration.ofMillis(50))) {
            stop.request();
            await(aborted);
        }
        assertThat(err.toString()).contains("it took longer than 0 s (shutdown.timeout): 3 partitions");
    }

    @Test
    void whatCannotBeHandedOverKeepsNothingFromStopping() {
        try (var stop = stop(LONG)) {
            stop.request();
            handedOver.completeExceptionally(new IllegalStateException("the store is away"));
            await(stopped);
        }
        assertThat(err.toString()).contains("Not everything was handed over").contains("the store is away");
        assertThat(aborted).isNotDone();
    }

    private GracefulStop stop(Duration limit) {
        return new GracefulStop(new LeadingNode(), limit, new PrintWriter(err, true), () -> aborted.complete(null));
    }

    private static void await(CompletableFuture<Void> future) {
        assertThat(future).succeedsWithin(20, TimeUnit.SECONDS);
    }
}
