package io.kafscale.objectstore.s3;

import static io.kafscale.objectstore.Outcomes.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.ObjectStoreContract;
import io.kafscale.objectstore.Payload;
import io.kafscale.testkit.s3.S3ProxyServer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3ObjectStoreOnS3ProxyTest extends ObjectStoreContract {
    private final S3ProxyServer server = S3ProxyServer.start("contract");

    @BeforeAll
    void listens() {
        assertThat(server.endpoint().getPort()).isPositive();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private S3Settings settings() {
        return S3Settings.of(URI.create("s3://contract/some/prefix")).at(server.endpoint(), true);
    }

    @Override
    protected boolean listsPrefixesThatEndInADot() {
        return false;
    }

    @Override
    protected ObjectStore openStore() {
        return S3ObjectStore.open(settings());
    }

    @ParameterizedTest
    @EnumSource(ChecksumMode.class)
    void everyChecksumModeWorks(ChecksumMode mode) {
        String name = key(mode.name());
        ByteBuffer large = ByteBuffer.allocate(3 << 20).putInt(1000, 42);
        try (var checked = S3ObjectStore.open(settings().with(mode))) {
            // When
            var small = await(checked.putIfAbsent(name + "/small", Payload.of(ByteBuffer.wrap(new byte[] {1, 2, 3}))));
            var created = await(checked.putIfAbsent(name + "/large", Payload.of(large.duplicate())));
            // Then
            assertThat(small).isEqualTo(PutOutcome.CREATED);
            assertThat(created).isEqualTo(PutOutcome.CREATED);
            assertThat(await(checked.get(name + "/large", 4 << 20))).isEqualTo(large);
            await(checked.delete(List.of(name + "/small", name + "/large")));
            assertThat(await(checked.list(name, "", 10)).objects()).isEmpty();
        }
    }

    @Test
    void storesWithOtherPrefixesDoNotSeeEachOther() {
        try (var other = S3ObjectStore.open(
                S3Settings.of(URI.create("s3://contract/some/prefix-2")).at(server.endpoint(), true))) {
            // When
            await(other.putIfAbsent(key("object"), Payload.of(ByteBuffer.wrap(new byte[3]))));
            // Then
            assertThat(await(store.list(key(""), "", 10)).objects()).isEmpty();
            assertThat(await(other.list(key(""), "", 10)).objects()).hasSize(1);
            assertThat(other.describe()).isEqualTo("s3://contract/some/prefix-2 at " + server.endpoint());
        }
    }
}
