package io.kafscale.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FutureFailureTest {
    private final IOException failure = new IOException("no", new IllegalStateException("deeper"));

    @Test
    void whatIsInNoEnvelopeStaysWhatItIs() {
        assertThat(FutureFailure.cause(failure)).isSameAs(failure);
    }

    @Test
    void envelopesComeOffHoweverManyThereAre() {
        assertThat(FutureFailure.cause(new CompletionException(failure))).isSameAs(failure);
        assertThat(FutureFailure.cause(new CompletionException(new CompletionException(failure))))
                .isSameAs(failure);
    }

    @Test
    void theEnvelopesOfAChainAndOfWhoWaitsForItComeOff() {
        var chained = CompletableFuture.failedFuture(new CompletionException(failure))
                .thenRun(() -> {})
                .thenRun(() -> {});
        var thrown = assertThrows(ExecutionException.class, chained::get);
        assertThat(FutureFailure.cause(thrown)).isSameAs(failure);
    }

    @Test
    void anEmptyEnvelopeIsTheFailure() {
        var empty = new ExecutionException("nothing in it", null);
        assertThat(FutureFailure.cause(new CompletionException(empty))).isSameAs(empty);
    }
}
