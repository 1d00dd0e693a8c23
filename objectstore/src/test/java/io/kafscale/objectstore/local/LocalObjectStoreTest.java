package io.kafscale.objectstore.local;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.ObjectStoreContract;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.objectstore.Outcomes;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.objectstore.StoreProbe;
import io.kafscale.runtime.ThreadEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalObjectStoreTest extends ObjectStoreContract {
    @TempDir
    Path directory = Path.of("");

    @Override
    protected ObjectStore openStore() {
        return LocalObjectStore.open(LocalStoreSettings.in(directory.resolve("contract")));
    }

    @Nested
    class OnTheDisk {
        private final RecordingSync disk = new RecordingSync();

        private LocalObjectStore open(Path root) {
            return LocalObjectStore.open(LocalStoreSettings.in(root), disk);
        }

        @Test
        void anObjectIsTheFileOfItsKeyAndNothingElseStays() throws IOException {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                // When
                await(local.putIfAbsent("ns/topic/0/segment.kfs", payload("content")));
                // Then
                assertThat(root.resolve("ns/topic/0/segment.kfs")).hasContent("content");
                assertThat(temporaryFilesOf(root)).containsExactly("open");
                assertThat(local.describe()).isEqualTo(root.toUri().toString()).startsWith("file:///");
            }
            assertThat(temporaryFilesOf(root)).isEmpty();
        }

        @Test
        void aPutSyncsTheFileThenTheDirectoriesItMadeThenItsName() {
            Path root = directory.resolve("made/data");
            try (var local = open(root)) {
                assertThat(disk.events).containsExactly("dir .", "dir made");
                disk.events.clear();
                // When
                await(local.putIfAbsent("ns/topic/object", payload("1")));
                // Then
                assertThat(disk.events)
                        .containsExactly("file", "dir made/data", "dir made/data/ns", "dir made/data/ns/topic object");
                disk.events.clear();
                await(local.putIfAbsent("ns/topic/second", payload("2")));
                assertThat(disk.events).containsExactly("file", "dir made/data/ns/topic object second");
            }
        }

        @Test
        void anObjectThatIsThereCountsOnlyOnceItsNameIsOnTheDisk() {
            try (var local = open(directory.resolve("data"))) {
                await(local.putIfAbsent("ns/object", payload("1")));
                disk.events.clear();
                // When
                var outcome = await(local.putIfAbsent("ns/object", payload("2")));
                // Then
                assertThat(outcome).isEqualTo(PutOutcome.ALREADY_EXISTS);
                assertThat(disk.events).containsExactly("dir data/ns object");
            }
        }

        @Test
        void aFileThatCannotBeSyncedIsThrownAwayAndWrittenAnew() throws IOException {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                disk.failFiles = 1;
                // When
                var failure = failure(local.putIfAbsent("ns/object", payload("1")));
                // Then
                assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
                assertThat(failure).hasMessageContaining("no fsync today");
                assertThat(root.resolve("ns/object")).doesNotExist();
                assertThat(temporaryFilesOf(root)).containsExactly("open");
                assertThat(await(local.putIfAbsent("ns/object", payload("1")))).isEqualTo(PutOutcome.CREATED);
            }
        }

        @Test
        void aDirectoryThatCannotBeSyncedEndsAllPutsUntilTheStoreIsOpenedAgain() {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                await(local.putIfAbsent("ns/before", payload("1")));
                assertThat(local.failed()).isNotDone();
                disk.failDirectories = 1;
                // When
                var failure = failure(local.putIfAbsent("ns/object", payload("1")));
                var retried = failure(local.putIfAbsent("ns/object", payload("1")));
                // Then
                assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
                assertThat(retried.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
                assertThat(retried).hasMessageContaining("restart");
                assertThat(await(local.failed())).hasMessageContaining(root.toString());
                assertThat(await(local.get("ns/before", 10)).remaining()).isEqualTo(1);
            }
            disk.events.clear();
            try (var local = open(root)) {
                assertThat(disk.events).contains("dir data/ns before object");
                assertThat(await(local.putIfAbsent("ns/object", payload("2")))).isEqualTo(PutOutcome.ALREADY_EXISTS);
                assertThat(await(local.putIfAbsent("ns/other", payload("3")))).isEqualTo(PutOutcome.CREATED);
            }
        }

        @Test
        void whatACrashLeftIsSyncedAndCleanedUpAtOpen() throws IOException {
            Path root = directory.resolve("data");
            open(root).close();
            Files.createDirectories(root.resolve("ns/topic"));
            Files.writeString(root.resolve(".tmp/7.tmp"), "unfinished");
            disk.events.clear();
            // When
            try (var local = open(root)) {
                // Then
                assertThat(temporaryFilesOf(root)).containsExactly("open");
                assertThat(disk.events).contains("dir data", "dir data/ns", "dir data/ns/topic");
                assertThat(await(local.list("", "", 10)).objects()).isEmpty();
            }
        }

        /** Its last name may be visible and not on the disk. */
        @Test
        void aStoreThatWasNotClosedIsSyncedAtTheNextOpenAndOneThatWasIsNot() throws IOException {
            Path root = directory.resolve("data");
            open(root).close();
            Files.createFile(root.resolve(".tmp/open"));
            Files.createDirectories(root.resolve("ns"));
            Files.writeString(root.resolve("ns/renamed"), "1");
            disk.events.clear();
            // When
            open(root).close();
            // Then
            assertThat(disk.events).contains("dir data/ns renamed");
            disk.events.clear();
            open(root).close();
            assertThat(disk.events).doesNotContain("dir data/ns renamed");
        }

        @Test
        void ofPutsThatRaceForANameOneWinsAndTheOthersLeaveItsObjectAlone() throws IOException {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                for (int round = 0; round < 50; round++) {
                    String key = "ns/contended-" + round;
                    var racing = new ArrayList<CompletableFuture<PutOutcome>>();
                    for (int i = 0; i < 8; i++) {
                        racing.add(local.putIfAbsent(key, payload("content " + i)));
                    }
                    // When
                    List<PutOutcome> outcomes =
                            racing.stream().map(Outcomes::await).toList();
                    // Then
                    assertThat(outcomes).containsOnlyOnce(PutOutcome.CREATED);
                    assertThat(root.resolve(key)).hasContent("content " + outcomes.indexOf(PutOutcome.CREATED));
                }
                assertThat(temporaryFilesOf(root)).containsExactly("open");
            }
        }

        @Test
        void emptyDirectoriesGoWithTheirLastObject() {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                await(local.putIfAbsent("ns/topic/0/a", payload("1")));
                await(local.putIfAbsent("ns/topic/1/b", payload("1")));
                // When
                await(local.delete(List.of("ns/topic/0/a")));
                // Then
                assertThat(root.resolve("ns/topic/0")).doesNotExist();
                assertThat(root.resolve("ns/topic/1/b")).exists();
                await(local.delete(List.of("ns/topic/1/b")));
                assertThat(root.resolve("ns")).doesNotExist();
                assertThat(root).exists();
            }
        }

        @Test
        void creatingInADirectoryThatIsBeingEmptiedSucceeds() {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                for (int round = 0; round < 50; round++) {
                    await(local.putIfAbsent("coming/and/going/old-" + round, payload("1")));
                    // When
                    var deletion = local.delete(List.of("coming/and/going/old-" + round));
                    var creation = local.putIfAbsent("coming/and/going/new-" + round, payload("2"));
                    // Then
                    await(deletion);
                    assertThat(await(creation)).isEqualTo(PutOutcome.CREATED);
                    assertThat(root.resolve("coming/and/going/new-" + round)).hasContent("2");
                    await(local.delete(List.of("coming/and/going/new-" + round)));
                    assertThat(root.resolve("coming")).doesNotExist();
                }
            }
        }

        @Test
        void aDirectoryRemovedFromOutsideIsMadeAgain() throws IOException {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                await(local.putIfAbsent("ns/topic/a", payload("1")));
                Files.delete(root.resolve("ns/topic/a"));
                Files.delete(root.resolve("ns/topic"));
                Files.delete(root.resolve("ns"));
                // When
                var outcome = await(local.putIfAbsent("ns/topic/b", payload("2")));
                // Then
                assertThat(outcome).isEqualTo(PutOutcome.CREATED);
                assertThat(root.resolve("ns/topic/b")).hasContent("2");
            }
        }

        @Test
        void foreignFilesAreNoObjects() throws IOException {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                await(local.putIfAbsent("ns/object", payload("1")));
                Files.createDirectory(root.resolve("lost+found"));
                Files.writeString(root.resolve("lost+found/x"), "x");
                Files.writeString(root.resolve("ns/object (copy)"), "x");
                // Then
                assertThat(await(local.list("", "", 10)).objects())
                        .extracting(ObjectSummary::key)
                        .containsExactly("ns/object");
            }
        }

        @Test
        void aKeyCannotBeAnotherOnesDirectory() {
            try (var local = open(directory.resolve("data"))) {
                await(local.putIfAbsent("a/b", payload("1")));
                // Then
                assertThat(failure(local.putIfAbsent("a", payload("2"))).kind()).isEqualTo(Kind.INVALID);
                assertThat(failure(local.putIfAbsent("a/b/c", payload("2"))).kind())
                        .isEqualTo(Kind.INVALID);
                assertThat(failure(local.putIfAbsent("a/b/c/d", payload("2"))).kind())
                        .isEqualTo(Kind.INVALID);
            }
        }

        @Test
        void theProbeIsContentWithIt() {
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            try (var local = open(directory.resolve("data"));
                    var loop = new ThreadEventLoop("probe", (name, failure) -> failures.add(failure))) {
                await(new StoreProbe(local, "ns", loop, new SplittableRandom(1)).run(Duration.ofSeconds(30)));
                assertThat(directory.resolve("data/ns")).doesNotExist();
            }
            assertThat(failures).isEmpty();
        }

        @Test
        void aSecondStoreOnTheSameDirectoryIsRefused() {
            Path root = directory.resolve("data");
            try (var local = open(root)) {
                // When
                var refused = catchThrowableOfType(StorageException.class, () -> open(root));
                // Then
                assertThat(refused).hasMessageContaining("already open in this process");
                assertThat(await(local.putIfAbsent("a", payload("1")))).isEqualTo(PutOutcome.CREATED);
            }
            open(root).close();
        }

        @Test
        void anotherProcessIsRefusedByNameAndLetInWhenTheFirstHasDied() throws Exception {
            Path root = directory.resolve("data");
            var holder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            StoreHolder.class.getName(),
                            root.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                assertThat(holder.inputReader().readLine()).isEqualTo("open");
                // When
                var refused = catchThrowableOfType(StorageException.class, () -> open(root));
                // Then
                assertThat(refused.kind()).isEqualTo(Kind.DENIED);
                assertThat(refused).hasMessageContaining("in use by another process (pid " + holder.pid() + ")");
            } finally {
                holder.destroyForcibly().waitFor();
            }
            try (var local = open(root)) {
                assertThat(await(local.putIfAbsent("a", payload("1")))).isEqualTo(PutOutcome.CREATED);
            }
        }

        @Test
        void aDirectoryThatIsAFileIsRefused() throws IOException {
            Path file = Files.createFile(directory.resolve("file"));
            // When
            var refused = catchThrowableOfType(StorageException.class, () -> open(file));
            // Then
            assertThat(refused.kind()).isEqualTo(Kind.INVALID);
            assertThat(refused).hasMessageContaining(file.toString()).hasMessageContaining("not a directory");
        }

        private List<String> temporaryFilesOf(Path root) throws IOException {
            try (var files = Files.list(root.resolve(".tmp"))) {
                return files.map(file -> file.getFileName().toString()).toList();
            }
        }

        private Payload payload(String content) {
            return Payload.of(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
        }

        /** Notes what is synced and, for a directory, which files have a name in it by then; fails on demand. */
        private final class RecordingSync implements DiskSync {
            final List<String> events = new CopyOnWriteArrayList<>();
            volatile int failFiles;
            volatile int failDirectories;

            @Override
            public void file(FileChannel file) throws IOException {
                if (failFiles > 0) {
                    failFiles = 0;
                    throw new IOException("no fsync today");
                }
                events.add("file");
            }

            @Override
            public void directory(Path synced) throws IOException {
                if (failDirectories > 0) {
                    failDirectories = 0;
                    throw new IOException("no fsync today");
                }
                var name =
                        directory.toRealPath().relativize(synced.toRealPath()).toString();
                var event = new StringBuilder("dir " + (name.isEmpty() ? "." : name));
                try (var files = Files.list(synced)) {
                    files.filter(f -> Files.isRegularFile(f) && !f.endsWith(".lock"))
                            .map(f -> " " + f.getFileName())
                            .sorted()
                            .forEach(event::append);
                }
                events.add(event.toString());
            }
        }
    }
}
