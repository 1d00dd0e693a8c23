package io.kafscale.metastore.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.ThreadEventLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a failed fsync, what the operating system shows of a file says nothing of what is on the disk. */
class JournalAfterAFailedForceTest {
    private final ThreadEventLoop loop = new ThreadEventLoop("metadata", (name, failure) -> {});
    private final ForgetfulDisk disk = new ForgetfulDisk();
    private final Path root;

    JournalAfterAFailedForceTest(@TempDir Path root) {
        this.root = root;
    }

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    private EmbeddedMetadataStore open(Path directory) {
        return EmbeddedMetadataStore.open(directory, loop, EmbeddedSettings.defaults(), disk);
    }

    private static void put(EmbeddedMetadataStore store, String key) throws Exception {
        assertThat(store.commit(Transaction.builder().put(key, Bytes.utf8("v")).build())
                        .get(10, SECONDS)
                        .committed())
                .isTrue();
    }

    private static List<String> keys(EmbeddedMetadataStore store) throws Exception {
        return store.range("/").get(10, SECONDS).keys().stream()
                .map(KeyValue::key)
                .toList();
    }

    /** Leaves {@code /a} on the disk and {@code /b} in the operating system's memory. */
    private void failWhileWriting(Path directory) throws Exception {
        try (var store = open(directory)) {
            put(store, "/a");
            disk.failNextForce();
            assertThatThrownBy(() -> put(store, "/b"))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            MetadataException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN));
        }
    }

    @Test
    void theNextStartWritesAnewWhatItFindsBeforeItPromisesAnything() throws Exception {
        // Given
        Path directory = root.resolve("metadata");
        failWhileWriting(directory);
        try (var store = open(directory)) {
            assertThat(keys(store)).containsExactly("/a", "/b");
            put(store, "/c");
        }

        // When
        disk.cutPower();

        // Then
        try (var store = open(directory)) {
            assertThat(keys(store)).containsExactly("/a", "/b", "/c");
        }
    }

    @Test
    void aStartThatIsCutShortAnywhereLosesNothing() throws Exception {
        boolean cutShort = true;
        for (int steps = 0; cutShort; steps++) {
            // Given
            Path directory = root.resolve("metadata-" + steps);
            failWhileWriting(directory);

            // When
            disk.dieAfter(steps);
            try {
                open(directory).close();
            } catch (MetadataException died) {
                assertThat(died.kind()).isEqualTo(Kind.UNAVAILABLE);
            }
            cutShort = disk.dead();
            disk.cutPower();

            // Then
            try (var store = open(directory)) {
                assertThat(keys(store)).as("after %d steps", steps).startsWith("/a");
                put(store, "/c");
            }
            try (var store = open(directory)) {
                assertThat(keys(store))
                        .as("after %d steps", steps)
                        .startsWith("/a")
                        .endsWith("/c");
            }
        }
    }

    @Test
    void everyStartHasFilesOfItsOwnAndLeavesNoOthers() throws Exception {
        Path directory = root.resolve("metadata");
        for (int start = 1; start <= 5; start++) {
            try (var store = open(directory)) {
                put(store, "/" + start);
                assertThat(keys(store)).hasSize(start);
            }
            assertThat(directory.toFile().list())
                    .containsExactlyInAnyOrder(
                            "lock", "snapshot-0000000000000000000" + start, "journal-0000000000000000000" + start);
        }
    }
}
