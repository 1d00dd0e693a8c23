package io.kafscale.objectstore.s3;

import static io.kafscale.objectstore.Outcomes.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.StoreProbe;
import io.kafscale.objectstore.StoreProbeException;
import io.kafscale.runtime.ThreadEventLoop;
import io.kafscale.testkit.s3.Fault;
import io.kafscale.testkit.s3.FaultyS3Server;
import io.kafscale.testkit.s3.S3ProxyServer;
import io.kafscale.testkit.s3.S3Request.Operation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoreProbeOnS3Test {
    private final List<Throwable> loopFailures = new CopyOnWriteArrayList<>();
    private final ThreadEventLoop loop = new ThreadEventLoop("probe", (name, failure) -> loopFailures.add(failure));
    private final FaultyS3Server server;

    StoreProbeOnS3Test() throws IOException {
        server = FaultyS3Server.start("bucket");
    }

    @AfterEach
    void stop() throws IOException {
        loop.close();
        server.close();
        assertThat(loopFailures).isEmpty();
    }

    private static ObjectStore store(URI endpoint) {
        return S3ObjectStore.open(S3Settings.of(URI.create("s3://bucket")).at(endpoint, true));
    }

    private CompletableFuture<Void> probe(ObjectStore store, Duration deadline) {
        return new StoreProbe(store, "ns", loop, new SplittableRandom(42)).run(deadline);
    }

    private Throwable refusal(Duration deadline) {
        try (var store = store(server.endpoint())) {
            return await(probe(store, deadline).handle((done, failure) -> failure));
        }
    }

    @Test
    void s3ProxyPasses() {
        try (var s3proxy = S3ProxyServer.start("bucket");
                var store = store(s3proxy.endpoint())) {
            await(probe(store, Duration.ofSeconds(50)));
            assertThat(await(store.list("", "", 10)).objects()).isEmpty();
        }
    }

    @Test
    void aFewFaultsDoNotFailTheProbe() {
        server.injectOnce(Operation.PUT, Fault.slowDown());
        server.injectOnce(Operation.PUT, Fault.conflict());
        server.injectOnce(Operation.GET, new Fault.TearResponse(2));
        server.injectOnce(Operation.LIST, Fault.internalError());
        try (var store = store(server.endpoint())) {
            await(probe(store, Duration.ofSeconds(50)));
        }
        assertThat(server.objects()).isEmpty();
    }

    @Test
    void aServerWhoseCreateIsNotAtomicIsRefused() {
        server.breakAtomicCreate();
        assertThat(refusal(Duration.ofSeconds(50)))
                .isInstanceOf(StoreProbeException.class)
                .hasMessageContaining("create-if-absent is not atomic")
                .hasMessageContaining("s3://bucket at " + server.endpoint());
        assertThat(server.objects()).isEmpty();
    }

    @Test
    void aMissingBucketIsReportedAtOnce() {
        server.dropBucket();
        assertThat(refusal(Duration.ofSeconds(50)))
                .hasMessageContaining("refuses to create an object")
                .hasMessageContaining("NoSuchBucket");
    }

    @Test
    void aServerThatIsNotThereIsGivenUpAtTheDeadline() throws IOException {
        server.close();
        assertThat(refusal(Duration.ofSeconds(4)))
                .hasMessageContaining("did not create an object within 4000 ms")
                .hasMessageContaining("no connection to S3");
    }
}
