package io.kafscale.metastore.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.TestSeed;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.ThreadEventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a metadata directory after crashes and damage. */
class JournalCrashTest {
    private static final EmbeddedSettings SMALL = new EmbeddedSettings(100, 1 << 20, 2_000, 1 << 20, 1_000);

    private final ThreadEventLoop loop = new ThreadEventLoop("metadata", (name, failure) -> {});
    private final Path root;

    JournalCrashTest(@TempDir Path root) {
        this.root = root;
    }

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    @Test
    void everythingIsThereAfterAReopen() throws Exception {
        Path directory = root.resolve("metadata");
        RangeResult before;
        try (var store = EmbeddedMetadataStore.open(directory, loop)) {
            for (int i = 0; i < 20; i++) {
                put(store, "/k/" + i % 7, "v" + i);
            }
            commit(store, Transaction.builder().delete("/k/3").build());
            before = range(store);
        }
        try (var store = EmbeddedMetadataStore.open(directory, loop)) {
            assertThat(range(store)).isEqualTo(before);
            assertThat(put(store, "/k/3", "again")).isEqualTo(before.revision() + 1);
        }
    }

    @Test
    void keysOfALeaseOfAnEarlierProcessAreDeletedAsOneRevision() throws Exception {
        Path directory = root.resolve("metadata");
        long before;
        try (var store = EmbeddedMetadataStore.open(directory, loop)) {
            long lease = store.grantLease(Duration.ofHours(1)).get(10, SECONDS).id();
            commit(
                    store,
                    Transaction.builder()
                            .put("/b/1", Bytes.utf8("x"), lease)
                            .put("/b/2", Bytes.utf8("x"), lease)
                            .put("/b/3", Bytes.utf8("x"))
                            .build());
            before = range(store).revision();
        }
        for (int i = 0; i < 2; i++) {
            try (var store = EmbeddedMetadataStore.open(directory, loop)) {
                assertThat(range(store).keys()).extracting(KeyValue::key).containsExactly("/b/3");
                assertThat(range(store).revision()).isEqualTo(before + 1);
            }
        }
    }

    @Test
    void aSecondOpenIsRefusedWithTheHolder() {
        Path directory = root.resolve("metadata");
        try (var _ = EmbeddedMetadataStore.open(directory, loop)) {
            assertThatThrownBy(() -> EmbeddedMetadataStore.open(directory, loop))
                    .isInstanceOf(MetadataException.class)
                    .hasMessageContaining(directory.toString())
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
        }
        EmbeddedMetadataStore.open(directory, loop).close();
    }

    @Test
    void aJournalCutAnywhereOpensWithWhatIsWhole() throws Exception {
        Path original = root.resolve("original");
        Map<Long, RangeResult> states = writeSome(original, false);
        Path journal = journal(original);
        byte[] whole = Files.readAllBytes(journal);
        long best = 0;
        for (int length = startLength(); length <= whole.length; length++) {
            Files.write(journal, Arrays.copyOf(whole, length));
            RangeResult found = load(original);
            assertThat(found).as("cut to " + length).isEqualTo(states.get(found.revision()));
            assertThat(found.revision()).isGreaterThanOrEqualTo(best);
            best = found.revision();
        }
        assertThat(best).isEqualTo(last(states).revision());
    }

    @Test
    void aStoreGoesOnBehindATornEnd() throws Exception {
        Path original = root.resolve("original");
        writeSome(original, false);
        byte[] whole = Files.readAllBytes(journal(original));
        for (int length = startLength(); length <= whole.length; length += 23) {
            Path torn = copy(original, "torn-" + length);
            Files.write(journal(torn), Arrays.copyOf(whole, length));
            RangeResult found;
            try (var store = open(torn)) {
                found = range(store);
                assertThat(put(store, "/more", "x")).isEqualTo(found.revision() + 1);
            }
            RangeResult more = load(torn);
            assertThat(more.revision()).isEqualTo(found.revision() + 1);
            assertThat(more.keys())
                    .containsAll(found.keys())
                    .hasSize(found.keys().size() + 1);
        }
    }

    @Test
    void aFlippedByteIsFoundOrOnlyCostsTheUnprovenEnd() throws Exception {
        for (boolean clean : new boolean[] {true, false}) {
            Path original = root.resolve("original-" + clean);
            Map<Long, RangeResult> states = writeSome(original, clean);
            Path journal = journal(original);
            byte[] whole = Files.readAllBytes(journal);
            int refused = 0;
            for (int at = 0; at < whole.length; at++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) (1 << at % 8);
                Files.write(journal, damaged);
                try {
                    RangeResult found = load(original);
                    assertThat(found).as("byte " + at).isEqualTo(states.get(found.revision()));
                    long lost = last(states).revision() - found.revision();
                    // Only the very last commit has nothing behind it that proves it was on disk, unless the end was
                    // clean.
                    assertThat(lost).as("byte " + at).isLessThanOrEqualTo(clean ? 0 : 1);
                } catch (MetadataException damage) {
                    assertThat(damage.kind()).isEqualTo(Kind.CORRUPT);
                    assertThat(damage)
                            .hasMessageContaining(journal.toString())
                            .hasMessageContaining("position ")
                            .hasMessageContaining("restore the directory");
                    refused++;
                }
            }
            assertThat(refused).isGreaterThan(whole.length / 2);
        }
    }

    @Test
    void aFlippedOrMissingByteOfASnapshotIsFound() throws Exception {
        Path original = root.resolve("original");
        try (var store = EmbeddedMetadataStore.open(original, loop, SMALL)) {
            for (int i = 0; i < 60; i++) {
                put(store, "/k/" + i % 5, "value " + i);
            }
        }
        Path snapshot = newest(original, "snapshot-");
        byte[] whole = Files.readAllBytes(snapshot);
        assertThat(whole.length).isGreaterThan(300);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            for (byte[] bad : List.of(damaged, Arrays.copyOf(whole, at))) {
                Files.write(snapshot, bad);
                assertThatThrownBy(() -> load(original))
                        .as("byte " + at)
                        .isInstanceOf(MetadataException.class)
                        .hasMessageContaining(snapshot.toString())
                        .hasMessageContaining("position ");
            }
        }
        Files.write(snapshot, whole);
        assertThat(load(original).keys()).hasSize(5);
    }

    @Test
    void aMissingFileIsFound() throws Exception {
        Path original = root.resolve("original");
        writeSome(original, true);
        for (String name : List.of("snapshot-", "journal-")) {
            Path copy = copy(original, "without-" + name);
            Files.delete(newest(copy, name));
            assertThatThrownBy(() -> open(copy))
                    .isInstanceOf(MetadataException.class)
                    .hasMessageContaining("missing");
        }
    }

    @Test
    void aJournalThatOutgrowsItsSnapshotIsReplaced() throws Exception {
        Path directory = root.resolve("metadata");
        RangeResult before;
        try (var store = EmbeddedMetadataStore.open(directory, loop, SMALL)) {
            for (int i = 0; i < 500; i++) {
                put(store, "/k/" + i % 5, "value " + i);
            }
            before = range(store);
        }
        assertThat(newest(directory, "snapshot-").getFileName().toString())
                .isGreaterThan("snapshot-00000000000000000003");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThan(10_000);
        }
        try (var store = EmbeddedMetadataStore.open(directory, loop, SMALL)) {
            assertThat(range(store)).isEqualTo(before);
        }
    }

    /** A crash at each step of the disk in turn, three lives long: nothing acknowledged is lost, nothing refused appears. */
    @Test
    void aCrashAtAnyStepLosesNothingThatWasAcknowledged() throws Exception {
        long seed = TestSeed.of(JournalCrashTest.class);
        var random = new SplittableRandom(seed);
        int crashes = 0;
        for (int steps = 0; steps < 140; steps++) {
            Path directory = root.resolve("crash-" + steps);
            var model = new Model();
            for (int life = 0; life < 3; life++) {
                var disk = new CrashingDisk(life == 2 ? Long.MAX_VALUE : steps + random.nextInt(5), random.split());
                crashes += live(directory, disk, model, random) ? 1 : 0;
            }
            deleteAll(directory);
        }
        assertThat(crashes).isGreaterThan(100);
    }

    /** Opens, checks what is there against the model, and writes until the disk dies or enough was written. */
    private boolean live(Path directory, CrashingDisk disk, Model model, SplittableRandom random) throws Exception {
        EmbeddedMetadataStore store;
        try {
            store = EmbeddedMetadataStore.open(directory, loop, SMALL, disk);
        } catch (MetadataException died) {
            assertThat(died.kind()).as(died.toString()).isEqualTo(Kind.UNAVAILABLE);
            return true;
        }
        try (store) {
            try {
                model.check(range(store));
                var answers = new ArrayList<CompletableFuture<CommitResult>>();
                for (int i = 0; i < 60; i++) {
                    String key = "/k/" + random.nextInt(6);
                    Bytes value = Bytes.utf8("value " + random.nextInt());
                    model.begin(key, value);
                    answers.add(
                            store.commit(Transaction.builder().put(key, value).build()));
                    if (i % 4 == 3) {
                        for (var answer : answers) {
                            answer.get(10, SECONDS);
                            model.acknowledge();
                        }
                        answers.clear();
                    }
                }
                model.check(range(store));
                return false;
            } catch (ExecutionException died) {
                assertThat(disk.dead()).isTrue();
                assertThat(store.failed().get(10, SECONDS).kind()).isEqualTo(Kind.CLOSED);
                return true;
            }
        }
    }

    /** All writes in order, and how many of them were acknowledged: the store must show a prefix that holds all of these. */
    private static final class Model {
        private final List<Map.Entry<String, Bytes>> writes = new ArrayList<>();
        private int acknowledged;

        void begin(String key, Bytes value) {
            writes.add(Map.entry(key, value));
        }

        void acknowledge() {
            acknowledged++;
        }

        void check(RangeResult found) {
            int applied = (int) found.revision() - 1;
            assertThat(applied).isBetween(acknowledged, writes.size());
            var expected = new TreeMap<String, Bytes>();
            writes.subList(0, applied).forEach(write -> expected.put(write.getKey(), write.getValue()));
            var is = new TreeMap<String, Bytes>();
            found.keys().forEach(key -> is.put(key.key(), key.value()));
            assertThat(is).isEqualTo(expected);
            // What did not survive never will.
            writes.subList(applied, writes.size()).clear();
            acknowledged = applied;
        }
    }

    /** Ten commits, each on disk before the next; returns what the store held after each. */
    private Map<Long, RangeResult> writeSome(Path directory, boolean cleanEnd) throws Exception {
        var states = new HashMap<Long, RangeResult>();
        byte[] beforeEnd;
        try (var store = open(directory)) {
            states.put(1L, range(store));
            for (int i = 0; i < 10; i++) {
                put(store, "/k/" + i % 3, "value " + i);
                RangeResult now = range(store);
                states.put(now.revision(), now);
            }
            beforeEnd = Files.readAllBytes(journal(directory));
        }
        if (!cleanEnd) {
            Files.write(journal(directory), beforeEnd);
        }
        return states;
    }

    private static int startLength() {
        return Frame.wrap(new JournalRecord.JournalStart(1, 1).encode()).remaining();
    }

    private static RangeResult last(Map<Long, RangeResult> states) {
        return new TreeMap<>(states).lastEntry().getValue();
    }

    private static Path journal(Path directory) throws IOException {
        return newest(directory, "journal-");
    }

    private static Path newest(Path directory, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList()
                    .getLast();
        }
    }

    private Path copy(Path directory, String name) throws IOException {
        Path copy = Files.createDirectory(root.resolve(name));
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static void deleteAll(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static RangeResult load(Path directory) throws IOException {
        KeySpace keys = new JournalLoader(new JournalFiles(directory, new UnforcedDisk()))
                .load()
                .keys();
        return new RangeResult(keys.revision(), keys.range("/"));
    }

    private EmbeddedMetadataStore open(Path directory) {
        return EmbeddedMetadataStore.open(directory, loop, EmbeddedSettings.defaults(), new UnforcedDisk());
    }

    private static long put(EmbeddedMetadataStore store, String key, String value) throws Exception {
        return commit(store, Transaction.builder().put(key, Bytes.utf8(value)).build());
    }

    private static long commit(EmbeddedMetadataStore store, Transaction transaction) throws Exception {
        CommitResult answer = store.commit(transaction).get(10, SECONDS);
        assertThat(answer).isInstanceOf(CommitResult.Committed.class);
        return ((CommitResult.Committed) answer).revision();
    }

    private static RangeResult range(EmbeddedMetadataStore store) throws Exception {
        return store.range("/").get(10, SECONDS);
    }
}
