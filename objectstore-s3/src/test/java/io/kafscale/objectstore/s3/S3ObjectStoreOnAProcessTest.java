package io.kafscale.objectstore.s3;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectStoreContract;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.testkit.s3.S3ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3ObjectStoreOnAProcessTest extends ObjectStoreContract {
    private @Nullable S3ServerProcess server;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        server = S3ServerProcess.start(directory, "contract");
    }

    @AfterAll
    void stop() {
        server().close();
    }

    private S3ServerProcess server() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    @Override
    protected boolean listsPrefixesThatEndInADot() {
        return false;
    }

    @Override
    protected ObjectStore openStore() {
        return S3ObjectStore.open(S3Settings.of(URI.create("s3://contract")).at(server().endpoint(), true));
    }

    @Test
    void theStoreComesBackWithTheServer() throws IOException {
        ByteBuffer content = ByteBuffer.wrap(new byte[] {1, 2, 3});
        await(store.putIfAbsent(key("object"), Payload.of(content.duplicate())));
        // When
        server().kill();
        var read = failure(store.get(key("object"), 10));
        var write = failure(store.putIfAbsent(key("other"), Payload.of(content.duplicate())));
        server().start();
        // Then
        assertThat(read.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(write.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(await(store.get(key("object"), 10))).isEqualTo(content);
    }
}
