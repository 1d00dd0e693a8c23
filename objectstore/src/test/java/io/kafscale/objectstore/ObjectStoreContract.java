package io.kafscale.objectstore;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ObjectStore} must do. An implementation's test extends it and opens a store; each test works below its own
 * prefix, so stores may share what is behind them.
 */
public abstract class ObjectStoreContract {
    private static final int RACING_WRITERS = 16;
    private static final int RACE_ROUNDS = 10;

    /** The store under test. */
    protected ObjectStore store = InMemoryObjectStore.inline();

    private String root = "";

    /** Opens the store of one test. */
    protected abstract ObjectStore openStore() throws Exception;

    /** Some servers take a prefix for a path and its last dot for a directory. */
    protected boolean listsPrefixesThatEndInADot() {
        return true;
    }

    @BeforeEach
    final void open() throws Exception {
        root = "contract-" + UUID.randomUUID();
        store = openStore();
    }

    @AfterEach
    final void close() {
        store.close();
    }

    @Test
    void anObjectReadsBackAsItWasWritten() {
        // When
        PutOutcome outcome = put("a/b/object", "hello, ", "", "world");
        // Then
        assertThat(outcome).isEqualTo(PutOutcome.CREATED);
        assertThat(get("a/b/object")).isEqualTo("hello, world");
    }

    @Test
    void aReadBufferBelongsToTheCaller() {
        put("object", "hello");
        // When
        ByteBuffer mine = await(store.get(key("object"), 100));
        mine.put(0, (byte) 'J');
        // Then
        assertThat(mine.hasArray()).isTrue();
        assertThat(get("object")).isEqualTo("hello");
    }

    @Test
    void readsGoToTheMemoryOfTheCallerAndFailedOnesLeaveNothingThere() {
        put("object", "hello, world");
        var memory = new CountingMemory();
        // When
        ByteBuffer whole = await(store.get(key("object"), 100, memory));
        ByteBuffer part = await(store.getRange(key("object"), 7, 100, memory));
        // Then
        assertThat(whole.isDirect()).isTrue();
        assertThat(StandardCharsets.UTF_8.decode(whole.duplicate()).toString()).isEqualTo("hello, world");
        assertThat(part.isDirect()).isTrue();
        assertThat(StandardCharsets.UTF_8.decode(part.duplicate()).toString()).isEqualTo("world");
        memory.giveBack(whole);
        memory.giveBack(part);
        assertThat(memory.taken()).isZero();
        assertThat(failure(store.get(key("object"), 5, memory)).kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(failure(store.get(key("other"), 100, memory)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure(store.getRange(key("other"), 0, 100, memory)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(memory.taken()).isZero();
    }

    @Test
    void anEmptyObjectIsAnObject() {
        assertThat(put("empty", "")).isEqualTo(PutOutcome.CREATED);
        // Then
        assertThat(get("empty")).isEmpty();
        assertThat(range("empty", 0, 10)).isEmpty();
        assertThat(await(store.getTail(key("empty"), 10)).objectSize()).isZero();
        assertThat(list("", "", 10)).containsExactly("empty");
        assertThat(put("empty", "now with content")).isEqualTo(PutOutcome.ALREADY_EXISTS);
    }

    @Test
    void aSecondPutLeavesTheFirstContent() {
        put("object", "first");
        // When
        PutOutcome outcome = put("object", "second");
        // Then
        assertThat(outcome).isEqualTo(PutOutcome.ALREADY_EXISTS);
        assertThat(get("object")).isEqualTo("first");
    }

    @Test
    void ofRacingWritersExactlyOneWins() throws Exception {
        for (int round = 0; round < RACE_ROUNDS; round++) {
            String name = "race/" + round;
            var start = new CountDownLatch(1);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var writers = IntStream.range(0, RACING_WRITERS)
                        .mapToObj(writer -> threads.submit(() -> {
                            start.await();
                            return putRetryingConflicts(name, "writer " + writer);
                        }))
                        .toList();
                start.countDown();
                var winners = new ArrayList<Integer>();
                for (int writer = 0; writer < RACING_WRITERS; writer++) {
                    if (writers.get(writer).get(60, TimeUnit.SECONDS) == PutOutcome.CREATED) {
                        winners.add(writer);
                    }
                }
                assertThat(winners).hasSize(1);
                assertThat(get(name)).isEqualTo("writer " + winners.getFirst());
            }
        }
    }

    @Test
    void rangesStopAtTheEnd() {
        put("digits", "0123456789");
        // Then
        assertThat(range("digits", 0, 10)).isEqualTo("0123456789");
        assertThat(range("digits", 0, 1)).isEqualTo("0");
        assertThat(range("digits", 3, 4)).isEqualTo("3456");
        assertThat(range("digits", 9, 1)).isEqualTo("9");
        assertThat(range("digits", 7, 100)).isEqualTo("789");
        assertThat(range("digits", 10, 1)).isEmpty();
        assertThat(range("digits", 1_000_000_000_000L, 5)).isEmpty();
        assertThat(range("digits", 4, 0)).isEmpty();
    }

    @Test
    void aRangeThatCannotBeIsInvalid() {
        put("digits", "0123456789");
        // Then
        assertThat(failure(store.getRange(key("digits"), -1, 5)).kind()).isEqualTo(Kind.INVALID);
        assertThat(failure(store.getRange(key("digits"), 0, -1)).kind()).isEqualTo(Kind.INVALID);
        assertThat(failure(store.getTail(key("digits"), -1)).kind()).isEqualTo(Kind.INVALID);
    }

    @Test
    void theTailTellsTheSizeToo() {
        put("digits", "0123456789");
        // Then
        for (int length : new int[] {0, 1, 4, 10, 11, 5000}) {
            ObjectTail tail = await(store.getTail(key("digits"), length));
            assertThat(tail.objectSize()).isEqualTo(10);
            assertThat(text(tail.bytes())).isEqualTo("0123456789".substring(10 - Math.min(10, length)));
        }
    }

    @Test
    void getRefusesMoreThanTheCallerAllows() {
        put("digits", "0123456789");
        // When
        var refused = failure(store.get(key("digits"), 9));
        // Then
        assertThat(refused.kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(refused.key()).isEqualTo(key("digits"));
        assertThat(text(await(store.get(key("digits"), 10)))).isEqualTo("0123456789");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        put("dir/object", "x");
        for (String name : List.of("nothing", "dir", "dir/object2", "dir/other/object", "dir/object/below")) {
            assertThat(failure(store.get(key(name), 100)).kind()).as(name).isEqualTo(Kind.NOT_FOUND);
            assertThat(failure(store.getRange(key(name), 0, 1)).kind()).as(name).isEqualTo(Kind.NOT_FOUND);
            assertThat(failure(store.getRange(key(name), 0, 0)).kind()).as(name).isEqualTo(Kind.NOT_FOUND);
            assertThat(failure(store.getTail(key(name), 1)).kind()).as(name).isEqualTo(Kind.NOT_FOUND);
        }
    }

    @Test
    void listingIsInByteOrderWhateverTheDirectories() {
        // Given: '-' < '.' < '/' < '0' < 'A' < '_' < 'a' < '~', so "a-b" comes before "a/b" and "a0" after it
        var names = List.of(
                ".cluster",
                ".wal/1-2/00",
                "A/x",
                "B",
                "_/x",
                "a-b",
                "a-b-/x",
                "a.b/c",
                "a/b",
                "a/b-c",
                "a/b.d",
                "a/c/d",
                "a/c0",
                "a0",
                "a_/x",
                "aa",
                "a~1/0/x",
                "a~2/0/x",
                "b/...",
                "b/~");
        names.reversed().forEach(name -> put(name, name));
        // Then
        assertThat(list("", "", 1000)).isEqualTo(names);
        assertThat(list("a", "", 1000))
                .isEqualTo(names.stream().filter(n -> n.startsWith("a")).toList());
        assertThat(list("a/", "", 1000)).containsExactly("a/b", "a/b-c", "a/b.d", "a/c/d", "a/c0");
        assertThat(list("a/b", "", 1000)).containsExactly("a/b", "a/b-c", "a/b.d");
        assertThat(list("a~", "", 1000)).containsExactly("a~1/0/x", "a~2/0/x");
        if (listsPrefixesThatEndInADot()) {
            assertThat(list(".", "", 1000)).containsExactly(".cluster", ".wal/1-2/00");
        }
        assertThat(list("a/c/d", "", 1000)).containsExactly("a/c/d");
        assertThat(list("a/b/", "", 1000)).isEmpty();
        assertThat(list("nothing/here", "", 1000)).isEmpty();
    }

    @Test
    void listingStartsStrictlyAfterAnyString() {
        var names = List.of("a-b", "a/b", "a/c/d", "a/c/e", "a0", "b");
        names.forEach(name -> put(name, name));
        // Then: every start, whether a key, a part of one, a directory or between two
        for (String start : List.of(
                "", "a", "a-", "a-b", "a-c", "a.", "a/", "a/b", "a/b/x", "a/c", "a/c/", "a/c/d", "a/c/da", "a/d", "a0",
                "a~", "b", "c")) {
            var expected = names.stream().filter(n -> n.compareTo(start) > 0).toList();
            assertThat(list("", start, 1000)).as("after '%s'", start).isEqualTo(expected);
        }
        assertThat(list("a/", "a", 1000)).containsExactly("a/b", "a/c/d", "a/c/e");
        assertThat(list("a/", "a/c/d", 1000)).containsExactly("a/c/e");
        assertThat(list("a/", "b", 1000)).isEmpty();
    }

    @Test
    void pagesFollowEachOtherWithoutGapOrOverlap() {
        var names = IntStream.range(0, 25)
                .mapToObj(i -> "p/%02d/%03d".formatted(i % 4, i))
                .sorted()
                .toList();
        names.forEach(name -> put(name, name));
        for (int limit : new int[] {1, 5, 7, 24, 25, 26}) {
            var seen = new ArrayList<String>();
            boolean more = true;
            while (more) {
                String after = seen.isEmpty() ? "" : key(seen.getLast());
                ObjectPage page = await(store.list(key("p/"), after, limit));
                page.objects().forEach(object -> seen.add(object.key().substring(root.length() + 1)));
                more = page.more();
                assertThat(more).isEqualTo(seen.size() < names.size());
                assertThat(page.objects()).hasSizeBetween(more ? 1 : 0, limit);
            }
            assertThat(seen).isEqualTo(names);
        }
    }

    @Test
    void aListingTellsSizeAndAge() {
        long before = System.currentTimeMillis();
        put("object", "12345");
        // When
        var summary = await(store.list(key(""), "", 1)).objects().getFirst();
        // Then: stores date to the second, by their own clock
        assertThat(summary.size()).isEqualTo(5);
        assertThat(summary.lastModifiedMs()).isBetween(before - 10_000, System.currentTimeMillis() + 10_000);
    }

    @Test
    void aPageHasOneToThousandObjects() {
        assertThat(failure(store.list(key(""), "", 0)).kind()).isEqualTo(Kind.INVALID);
        assertThat(failure(store.list(key(""), "", 1001)).kind()).isEqualTo(Kind.INVALID);
    }

    @Test
    void deletingIsIdempotent() {
        put("a/object", "x");
        // When
        await(store.delete(List.of(key("a/object"), key("a/never-was"), key("no/such/dir"))));
        await(store.delete(List.of(key("a/object"))));
        await(store.delete(List.of()));
        // Then
        assertThat(failure(store.get(key("a/object"), 10)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(list("", "", 10)).isEmpty();
        assertThat(put("a/object", "again")).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void moreThanAThousandObjectsAreDeletedInOneCall() {
        var names = IntStream.range(0, 1203).mapToObj("many/%05d"::formatted).toList();
        var puts = names.stream()
                .map(name -> store.putIfAbsent(key(name), Payload.of(bytes("x"))))
                .toList();
        puts.forEach(Outcomes::await);
        put("many-other", "stays");
        // When
        await(store.delete(names.stream().map(this::key).toList()));
        // Then
        assertThat(list("", "", 1000)).containsExactly("many-other");
    }

    @Test
    void aPayloadIsReleasedOnceWhenItsAttemptHasEnded() throws Exception {
        put("taken", "x");
        for (String name : List.of("free", "taken", "not//a key")) {
            var released = new AtomicInteger();
            var gone = new CountDownLatch(1);
            var payload = new Payload(List.of(bytes("payload")), () -> {
                released.incrementAndGet();
                gone.countDown();
            });
            // When
            var put = store.putIfAbsent(key(name), payload);
            payload.release();
            // Then
            put.handle((outcome, failure) -> name).get(30, TimeUnit.SECONDS);
            assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(released).hasValue(1);
        }
    }

    @Test
    void aLargeObjectOfManySlicesArrivesWhole() {
        ByteBuffer content = ByteBuffer.allocate((20 << 20) + 13);
        for (int i = 0; i < content.capacity(); i++) {
            content.put(i, (byte) (i * 31 + (i >> 12)));
        }
        var slices = new ArrayList<ByteBuffer>();
        for (int at = 0, size = 1; at < content.capacity(); at += size, size = size * 3 + 1) {
            size = Math.min(size, content.capacity() - at);
            var slice = content.slice(at, size);
            slices.add(
                    slices.size() % 2 == 0
                            ? slice
                            : ByteBuffer.allocateDirect(size).put(slice).flip());
        }
        // When
        var outcome = await(store.putIfAbsent(key("large"), new Payload(slices, () -> {})));
        // Then
        assertThat(outcome).isEqualTo(PutOutcome.CREATED);
        assertThat(await(store.get(key("large"), 32 << 20)).equals(content)).isTrue();
        assertThat(await(store.getRange(key("large"), 12_345_678, 3_000_000))
                        .equals(content.slice(12_345_678, 3_000_000)))
                .isTrue();
        assertThat(await(store.getTail(key("large"), 100)).bytes().equals(content.slice(content.capacity() - 100, 100)))
                .isTrue();
    }

    @Test
    void manyCallsAtATimeDoNotDisturbEachOther() {
        var all = IntStream.range(0, 300)
                .mapToObj(i -> {
                    String name = "busy/" + (i % 7) + "/" + i;
                    return store.putIfAbsent(key(name), Payload.of(bytes("content " + i)))
                            .thenCompose(created -> store.get(key(name), 100))
                            .thenCompose(content -> store.list(key(name), "", 10)
                                    .thenCompose(page -> i % 2 == 0
                                            ? store.delete(List.of(key(name)))
                                            : CompletableFuture.completedFuture(null))
                                    .thenApply(gone -> text(content)));
                })
                .toList();
        // Then
        for (int i = 0; i < all.size(); i++) {
            assertThat(await(all.get(i))).isEqualTo("content " + i);
        }
        assertThat(list("busy/", "", 1000)).hasSize(150);
    }

    @Test
    void whatIsNoKeyIsRefused() {
        for (String bad : List.of(
                "",
                "/a",
                "a/",
                "a//b",
                ".",
                "a/../b",
                "a/./b",
                "..",
                "a b",
                "a\\b",
                "é",
                "a\0b",
                "a%2fb",
                "a+b",
                ".lock",
                ".tmp/x",
                "x".repeat(256),
                "x/".repeat(500) + "x")) {
            assertThat(failure(store.putIfAbsent(bad, Payload.of(bytes("x")))).kind())
                    .as(bad)
                    .isEqualTo(Kind.INVALID);
            assertThat(failure(store.get(bad, 10)).kind()).as(bad).isEqualTo(Kind.INVALID);
            assertThat(failure(store.getRange(bad, 0, 10)).kind()).as(bad).isEqualTo(Kind.INVALID);
            assertThat(failure(store.getTail(bad, 10)).kind()).as(bad).isEqualTo(Kind.INVALID);
            assertThat(failure(store.delete(List.of(key("fine"), bad))).kind())
                    .as(bad)
                    .isEqualTo(Kind.INVALID);
        }
        assertThat(failure(store.list("a/../b", "", 10)).kind()).isEqualTo(Kind.INVALID);
        assertThat(failure(store.list("/", "", 10)).kind()).isEqualTo(Kind.INVALID);
    }

    @Test
    void aClosedStoreSaysSo() {
        put("object", "x");
        // When
        store.close();
        store.close();
        // Then
        assertThat(failure(store.putIfAbsent(key("object"), Payload.of(bytes("x"))))
                        .kind())
                .isEqualTo(Kind.CLOSED);
        assertThat(failure(store.get(key("object"), 10)).kind()).isEqualTo(Kind.CLOSED);
        assertThat(failure(store.list("", "", 10)).kind()).isEqualTo(Kind.CLOSED);
        assertThat(failure(store.delete(List.of(key("object")))).kind()).isEqualTo(Kind.CLOSED);
    }

    private PutOutcome putRetryingConflicts(String name, String content) {
        while (true) {
            try {
                return await(store.putIfAbsent(key(name), Payload.of(bytes(content))));
            } catch (StorageException failure) {
                if (failure.kind() != Kind.CONFLICT) {
                    throw failure;
                }
            }
        }
    }

    /** The full key of {@code name} in this test. */
    protected final String key(String name) {
        return root + "/" + name;
    }

    private PutOutcome put(String name, String... parts) {
        var slices = Arrays.stream(parts).map(ObjectStoreContract::bytes).toArray(ByteBuffer[]::new);
        return await(store.putIfAbsent(key(name), Payload.of(slices)));
    }

    private String get(String name) {
        return text(await(store.get(key(name), 1000)));
    }

    private String range(String name, long position, int length) {
        return text(await(store.getRange(key(name), position, length)));
    }

    private List<String> list(String prefix, String startAfter, int limit) {
        String after = startAfter.isEmpty() ? "" : key(startAfter);
        return await(store.list(key(prefix), after, limit)).objects().stream()
                .map(object -> object.key().substring(root.length() + 1))
                .toList();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
