package io.kafscale.objectstore.local;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that a store uses, opened a second time for reading. */
class ReadingBesideTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void readsWhatTheStoreWritesAndChangesNothing() throws IOException {
        try (var store = LocalObjectStore.open(LocalStoreSettings.in(directory))) {
            await(store.putIfAbsent("ns/a", Payload.of(ByteBuffer.wrap(new byte[] {1, 2, 3}))));
            Files.createFile(directory.resolve(".tmp/7.tmp"));
            try (var reading = LocalObjectStore.openForReading(LocalStoreSettings.in(directory))) {
                // Then
                assertThat(await(reading.get("ns/a", 10))).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                await(store.putIfAbsent("ns/b", Payload.of(ByteBuffer.wrap(new byte[] {4}))));
                assertThat(await(reading.list("ns/", "", 10)).objects())
                        .extracting(ObjectSummary::key)
                        .containsExactly("ns/a", "ns/b");
                assertThat(await(reading.getTail("ns/b", 10)).objectSize()).isEqualTo(1);
                assertThat(await(reading.getRange("ns/a", 1, 1))).isEqualTo(ByteBuffer.wrap(new byte[] {2}));
                assertThat(failure(reading.putIfAbsent("ns/c", Payload.of(ByteBuffer.allocate(1))))
                                .kind())
                        .isEqualTo(Kind.INVALID);
                assertThat(failure(reading.delete(List.of("ns/a"))).kind()).isEqualTo(Kind.INVALID);
            }
            assertThat(await(store.get("ns/a", 10)).remaining()).isEqualTo(3);
            assertThat(LocalObjectStore.unfinishedWrites(directory)).containsExactly(directory.resolve(".tmp/7.tmp"));
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsNotMade() throws IOException {
        Path none = directory.resolve("none");
        var refused = catchThrowableOfType(
                StorageException.class, () -> LocalObjectStore.openForReading(LocalStoreSettings.in(none)));
        assertThat(refused.kind()).isEqualTo(Kind.INVALID);
        assertThat(none).doesNotExist();
        assertThat(LocalObjectStore.unfinishedWrites(none)).isEmpty();
    }
}
