package io.kafscale.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.ErrorReport;
import io.kafscale.app.settings.HostPort;
import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.log.engine.LogStartException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BrokerCommandTest {
    /** A node that listens nowhere and stops at once, or as its future says. */
    private record FakeNode(CompletableFuture<Void> stopped, KafscaleSettings settings) implements RunningNode {
        @Override
        public HostPort listening() {
            return new HostPort("127.0.0.1", 4711);
        }

        @Override
        public String storage() {
            return Stores.describe(settings.storage());
        }

        @Override
        public String metadata() {
            return Stores.describe(settings.metadata().uri());
        }

        @Override
        public Standing standing() {
            return new Standing(7, "7-12", "a-cluster", List.of("7 at 127.0.0.1:4711", "8 at b8:9092"));
        }

        @Override
        public CompletableFuture<Void> handOver() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public String remaining() {
            return "0 partitions";
        }

        @Override
        public void close() {
            stopped.complete(null);
        }
    }

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void itSaysWhereItListensAndStoresAndEndsWithTheNode() {
        int exitCode = run(settings -> new FakeNode(CompletableFuture.completedFuture(null), settings));

        assertThat(exitCode).isZero();
        assertThat(out.toString())
                .contains("broker         7, incarnation 7-12")
                .contains("of cluster     a-cluster: brokers 7 at 127.0.0.1:4711, 8 at b8:9092")
                .contains("listens on     127.0.0.1:4711")
                .contains("stores records memory:")
                .contains("and metadata   memory:");
    }

    @Test
    void aNodeThatCannotGoOnIsAFailure() {
        int exitCode = run(settings ->
                new FakeNode(CompletableFuture.failedFuture(new IllegalStateException("disk failed")), settings));

        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString()).contains("The broker stopped: ").contains("disk failed");
    }

    @Test
    void aNodeThatCannotStartIsAFailure() {
        int exitCode = run(settings -> {
            throw new CommandException("Port 9092 is in use.");
        });

        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString().strip()).isEqualTo("error: Port 9092 is in use.");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aRefusalOfTheLogIsSaidInItsOwnWords() {
        int exitCode = run(settings -> {
            throw new LogStartException("the bucket belongs to cluster abc");
        });

        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString().strip()).isEqualTo("error: the bucket belongs to cluster abc");
    }

    private int run(NodeStarter starter) {
        return new CommandLine(new BrokerCommand(starter))
                .setExecutionExceptionHandler(new ErrorReport())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute("--set", "storage.uri=memory:", "--set", "metadata.uri=memory:");
    }
}
