package io.kafscale.metastore.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.ThreadEventLoop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataDirectoryViewTest {
    @TempDir
    Path directory;

    private final ThreadEventLoop loop = new ThreadEventLoop("test", (name, failure) -> {
        throw new AssertionError(name, failure);
    });

    @AfterEach
    void endLoop() {
        loop.close();
    }

    private static void put(EmbeddedMetadataStore store, String key, String value, long lease) {
        long revision = store.get(key).join().map(KeyValue::modRevision).orElse(0L);
        assertThat(store.commit(Transaction.builder()
                                .require(key, revision)
                                .put(key, Bytes.utf8(value), lease)
                                .build())
                        .join()
                        .committed())
                .isTrue();
    }

    @Test
    void showsWhatAStoreThatIsOpenHasCommitted() {
        try (var store = EmbeddedMetadataStore.open(directory, loop)) {
            put(store, "/a/1", "one", 0);
            var lease = store.grantLease(Duration.ofMinutes(1)).join();
            put(store, "/a/2", "two", lease.id());
            // When
            var view = MetadataDirectoryView.of(directory);
            // Then
            assertThat(view.range("/a/").join()).isEqualTo(store.range("/a/").join());
            put(store, "/a/1", "uno", 0);
            assertThat(view.get("/a/1").join()).isEqualTo(store.get("/a/1").join());
            assertThat(view.get("/b").join()).isEmpty();
        }
    }

    @Test
    void followsAStoreThatBeginsNewJournals() {
        var small = new EmbeddedSettings(10, 1 << 20, 2048, 1 << 20, 100);
        try (var store = EmbeddedMetadataStore.open(directory, loop, small)) {
            var view = MetadataDirectoryView.of(directory);
            for (int i = 0; i < 300; i++) {
                put(store, "/k/" + i % 7, "x".repeat(100) + i, 0);
                assertThat(view.get("/k/" + i % 7).join().map(KeyValue::value))
                        .isEqualTo(Optional.of(Bytes.utf8("x".repeat(100) + i)));
            }
        }
        assertThat(directory.resolve("snapshot-" + "0".repeat(19) + "1")).doesNotExist();
    }

    @Test
    void changesNothing() throws Exception {
        EmbeddedMetadataStore.open(directory, loop).close();
        var before = new java.util.TreeMap<String, byte[]>();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                before.put(file.toString(), Files.readAllBytes(file));
            }
        }
        // When
        MetadataDirectoryView.of(directory).range("").join();
        // Then
        try (var files = Files.list(directory)) {
            assertThat(files.map(Path::toString).toList()).containsExactlyInAnyOrderElementsOf(before.keySet());
        }
        for (var file : before.entrySet()) {
            assertThat(Arrays.equals(Files.readAllBytes(Path.of(file.getKey())), file.getValue()))
                    .isTrue();
        }
    }

    @Test
    void whatALeaseOfADeadProcessHeldIsGone() throws Exception {
        try (var store = EmbeddedMetadataStore.open(directory, loop)) {
            put(
                    store,
                    "/leased",
                    "x",
                    store.grantLease(Duration.ofMinutes(1)).join().id());
        }
        Files.writeString(directory.resolve("lock"), "999999999");
        assertThat(MetadataDirectoryView.of(directory).get("/leased").join()).isEmpty();
    }

    @Test
    void refusesToWriteAndADirectoryThatIsNotThere() {
        EmbeddedMetadataStore.open(directory, loop).close();
        var view = MetadataDirectoryView.of(directory);
        var write =
                Transaction.builder().requireAbsent("/x").put("/x", Bytes.EMPTY).build();
        assertThatThrownBy(() -> view.commit(write).join()).hasCauseInstanceOf(MetadataException.class);
        assertThatThrownBy(() -> MetadataDirectoryView.of(directory.resolve("none")))
                .isInstanceOf(MetadataException.class)
                .hasMessageContaining("none");
    }
}
