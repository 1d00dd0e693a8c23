package io.kafscale.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.SettingsReader;
import io.kafscale.metastore.MetadataException;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.ThreadEventLoop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoresTest {
    private static void broken(StorageException failure) {
        throw new AssertionError("the disk failed", failure);
    }

    private final ThreadEventLoop loop = new ThreadEventLoop("test", (name, failure) -> {
        throw new AssertionError(name, failure);
    });

    @TempDir
    Path directory;

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    @Test
    void directoriesAreMadeAndAreOurs() {
        var settings = settings(
                "storage.uri=file://" + directory.resolve("objects"),
                "metadata.uri=file://" + directory.resolve("metadata"));

        try (var objects = Stores.openObjects(settings, StoresTest::broken);
                var metadata = Stores.openMetadata(settings, loop, failure -> {})) {
            assertThat(directory.resolve("objects")).isDirectory();
            assertThat(directory.resolve("metadata")).isDirectory();
            assertThat(objects.describe()).contains(directory.toString());
            assertThat(metadata.describe()).contains(directory.toString());
            assertThatThrownBy(() -> Stores.openObjects(settings, StoresTest::broken))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("already open");
            assertThatThrownBy(() -> Stores.openMetadata(settings, loop, failure -> {}))
                    .isInstanceOf(MetadataException.class);
        }
        assertThat(Stores.describe(settings.storage())).isEqualTo("file://" + directory.resolve("objects"));
    }

    @Test
    void memoryLeavesNoTrace() throws Exception {
        var settings = settings("storage.uri=memory:", "metadata.uri=memory:");

        try (var objects = Stores.openObjects(settings, StoresTest::broken);
                var metadata = Stores.openMetadata(settings, loop, failure -> {})) {
            assertThat(objects.describe()).contains("memory");
            assertThat(metadata.describe()).contains("memory");
        }
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aBucketThatCannotBeReachedIsRefusedAtTheStart() {
        var settings = settings(
                "storage.uri=s3://bucket/prefix",
                "storage.s3.endpoint=http://127.0.0.1:1",
                "storage.s3.region=eu-central-1",
                "storage.s3.path-style=true",
                "metadata.uri=memory:");

        assertThatThrownBy(() -> Stores.openObjects(settings, StoresTest::broken))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("bucket");
    }

    private static KafscaleSettings settings(String... assignments) {
        return SettingsReader.read(Optional.empty(), Map.of(), List.of(assignments))
                .typed();
    }
}
