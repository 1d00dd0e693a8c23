package io.kafscale.metastore;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kafscale.metastore.CommitResult.Committed;
import io.kafscale.metastore.CommitResult.Conflict;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.WatchListener.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every metadata store has to do. An implementation extends this and says how to reach an empty store. */
public abstract class MetadataStoreContract {
    private static final Bytes ONE = Bytes.utf8("one");
    private static final Bytes TWO = Bytes.utf8("two");

    private MetadataStore store;

    /** A store without any keys. */
    protected abstract MetadataStore emptyStore();

    /** Another client of the same store, which the test closes. */
    protected abstract MetadataStore anotherClient();

    /** Lets the store forget the history up to a revision. */
    protected abstract void compact(long revision) throws Exception;

    /** The shortest time a lease of this store can live, and the test wait for. */
    protected abstract Duration shortestLease();

    @BeforeEach
    final void openStore() {
        store = emptyStore();
    }

    @Test
    void aKeyThatWasNeverWrittenIsAbsent() throws Exception {
        assertThat(get("/a")).isEmpty();
        assertThat(range("/").keys()).isEmpty();
    }

    @Test
    void aWrittenKeyCarriesTheRevisionsThatCreatedAndModifiedIt() throws Exception {
        long created = put("/a", ONE);
        long modified = put("/a", TWO);
        assertThat(modified).isGreaterThan(created);
        assertThat(get("/a")).contains(new KeyValue("/a", TWO, created, modified, 0));
    }

    @Test
    void everyTransactionGetsTheNextRevisionAndAllItsKeysShareIt() throws Exception {
        long before = range("/").revision();
        long revision =
                committed(Transaction.builder().put("/a", ONE).put("/b", TWO).build());
        assertThat(revision).isEqualTo(before + 1);
        assertThat(range("/"))
                .isEqualTo(new RangeResult(
                        revision,
                        List.of(
                                new KeyValue("/a", ONE, revision, revision, 0),
                                new KeyValue("/b", TWO, revision, revision, 0))));
        assertThat(put("/c", ONE)).isEqualTo(revision + 1);
    }

    @Test
    void aTransactionThatChangesNothingGetsNoRevision() throws Exception {
        long revision = put("/a", ONE);
        assertThat(committed(Transaction.builder().delete("/absent").build())).isEqualTo(revision);
        assertThat(committed(Transaction.builder().require("/a", revision).build()))
                .isEqualTo(revision);
        assertThat(range("/").revision()).isEqualTo(revision);
    }

    @Test
    void aComparisonThatFailsWritesNothingAndShowsWhatIsThere() throws Exception {
        long revision = put("/a", ONE);
        CommitResult answer = commit(Transaction.builder()
                .require("/a", revision)
                .requireAbsent("/b")
                .require("/c", 1)
                .put("/a", TWO)
                .build());
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Conflict.class,
                        conflict -> assertThat(conflict.current())
                                .containsEntry("/a", Optional.of(new KeyValue("/a", ONE, revision, revision, 0)))
                                .containsEntry("/b", Optional.empty())
                                .containsEntry("/c", Optional.empty())
                                .hasSize(3));
        assertThat(get("/a").orElseThrow().value()).isEqualTo(ONE);
        assertThat(range("/").revision()).isEqualTo(revision);
    }

    @Test
    void onlyTheFirstOfTwoThatRequireAbsenceWins() throws Exception {
        var first = Transaction.builder().requireAbsent("/a").put("/a", ONE).build();
        assertThat(commit(first)).isInstanceOf(Committed.class);
        assertThat(commit(first)).isInstanceOf(Conflict.class);
    }

    @Test
    void aDeletedKeyIsAbsentAndComesBackAsANewOne() throws Exception {
        long created = put("/a", ONE);
        long deleted = committed(
                Transaction.builder().require("/a", created).delete("/a").build());
        assertThat(get("/a")).isEmpty();
        long again = committed(
                Transaction.builder().requireAbsent("/a").put("/a", TWO).build());
        assertThat(again).isEqualTo(deleted + 1);
        assertThat(get("/a")).contains(new KeyValue("/a", TWO, again, again, 0));
        assertThat(commit(Transaction.builder()
                        .require("/a", created)
                        .delete("/a")
                        .build()))
                .isInstanceOf(Conflict.class);
    }

    @Test
    void aPrefixFindsItsKeysOnlyInTheOrderOfTheirBytes() throws Exception {
        List<String> inOrder = List.of("/p/", "/p/A", "/p/a", "/p/a/b", "/p/é", "/p/\uFF5E", "/p/\uD83D\uDE00");
        List<String> shuffled = List.of(
                inOrder.get(6),
                "/q",
                inOrder.get(2),
                inOrder.get(5),
                "/p",
                inOrder.get(0),
                "/o/z",
                inOrder.get(4),
                inOrder.get(3),
                inOrder.get(1));
        for (String key : shuffled) {
            put(key, Bytes.utf8(key));
        }
        RangeResult found = range("/p/");
        assertThat(found.keys()).extracting(KeyValue::key).containsExactlyElementsOf(inOrder);
        assertThat(found.keys())
                .allSatisfy(key -> assertThat(key.value().utf8()).isEqualTo(key.key()));
    }

    @Test
    void aTransactionOfTheGreatestSizeIsApplied() throws Exception {
        var transaction = Transaction.builder();
        byte[] value = new byte[10_000];
        for (int i = 0; i < Transaction.MAX_OPERATIONS; i++) {
            value[0] = (byte) i;
            transaction.requireAbsent("/k/" + i).put("/k/" + i, Bytes.copyOf(value));
        }
        committed(transaction.build());
        assertThat(range("/k/").keys()).hasSize(Transaction.MAX_OPERATIONS);
        assertThatThrownBy(() -> transaction.put("/k/more", ONE).build()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEmptyValueIsAValue() throws Exception {
        put("/a", Bytes.EMPTY);
        assertThat(get("/a").orElseThrow().value()).isEqualTo(Bytes.EMPTY);
    }

    @Test
    void aWatchReportsChangesUnderItsPrefixWholeAndInOrder() throws Exception {
        var watch = new RecordedWatch();
        try (var _ = store.watch("/w/", range("/").revision() + 1, watch)) {
            long first = committed(Transaction.builder()
                    .put("/w/a", ONE)
                    .put("/other", ONE)
                    .put("/w/b", TWO)
                    .build());
            put("/other", TWO);
            long second = committed(
                    Transaction.builder().delete("/w/a").put("/w/b", ONE).build());
            watch.awaitRevision(second);
            assertThat(watch.changes())
                    .containsExactlyInAnyOrder(
                            new Change.Put(new KeyValue("/w/a", ONE, first, first, 0)),
                            new Change.Put(new KeyValue("/w/b", TWO, first, first, 0)),
                            new Change.Deleted("/w/a", second),
                            new Change.Put(new KeyValue("/w/b", ONE, first, second, 0)));
            assertThat(watch.changes().subList(0, 2))
                    .allSatisfy(change -> assertThat(change)
                            .isInstanceOfSatisfying(
                                    Change.Put.class,
                                    put -> assertThat(put.now().modRevision()).isEqualTo(first)));
        }
    }

    @Test
    void aWatchBeginsInThePast() throws Exception {
        long first = put("/w/a", ONE);
        put("/w/a", TWO);
        long third = put("/w/b", ONE);
        var all = new RecordedWatch();
        var late = new RecordedWatch();
        try (var _ = store.watch("/w/", first, all);
                var _ = store.watch("/w/", third, late)) {
            all.awaitRevision(third);
            late.awaitRevision(third);
            assertThat(all.changes()).hasSize(3);
            assertThat(late.changes()).containsExactly(new Change.Put(new KeyValue("/w/b", ONE, third, third, 0)));
            long fourth = put("/w/c", ONE);
            all.awaitRevision(fourth);
            late.awaitRevision(fourth);
            assertThat(late.changes()).hasSize(2);
        }
    }

    @Test
    void aClosedWatchReportsNothingMore() throws Exception {
        var closed = new RecordedWatch();
        var open = new RecordedWatch();
        long from = range("/").revision() + 1;
        var running = store.watch("/w/", from, closed);
        try (var _ = store.watch("/w/", from, open)) {
            closed.awaitRevision(put("/w/a", ONE));
            running.close();
            long after = put("/w/a", TWO);
            open.awaitRevision(after);
            assertThat(closed.changes()).hasSize(1);
        }
    }

    @Test
    void aWatchThatNeedsWhatWasCompactedIsTold() throws Exception {
        long first = put("/w/a", ONE);
        long second = put("/w/a", TWO);
        compact(second);
        var late = new RecordedWatch();
        store.watch("/w/", first, late);
        late.awaitCompacted();
        assertThat(late.changes()).isEmpty();
        var onTime = new RecordedWatch();
        try (var _ = store.watch("/w/", second + 1, onTime)) {
            long third = put("/w/a", ONE);
            onTime.awaitRevision(third);
            assertThat(onTime.changes()).hasSize(1);
        }
    }

    @Test
    void compactionForgetsHistoryAndKeepsValues() throws Exception {
        long first = put("/w/a", ONE);
        long second = put("/w/b", TWO);
        long third = put("/w/b", ONE);
        await(store.compact(third));
        await(store.compact(second));
        assertThat(range("/w/").keys())
                .containsExactly(
                        new KeyValue("/w/a", ONE, first, first, 0), new KeyValue("/w/b", ONE, second, third, 0));
        var late = new RecordedWatch();
        store.watch("/w/", second, late);
        late.awaitCompacted();
        assertThat(late.changes()).isEmpty();
    }

    @Test
    void revokingALeaseDeletesItsKeysInOneRevision() throws Exception {
        Lease lease = grant(store);
        assertThat(lease.id()).isNotZero();
        long revision = committed(Transaction.builder()
                .put("/l/a", ONE, lease.id())
                .put("/l/b", ONE, lease.id())
                .put("/l/c", ONE)
                .build());
        assertThat(get("/l/a")).contains(new KeyValue("/l/a", ONE, revision, revision, lease.id()));
        var watch = new RecordedWatch();
        try (var _ = store.watch("/l/", revision + 1, watch)) {
            await(lease.revoke());
            watch.awaitChanges(2);
            assertThat(watch.changes())
                    .containsExactlyInAnyOrder(
                            new Change.Deleted("/l/a", revision + 1), new Change.Deleted("/l/b", revision + 1));
        }
        assertThat(range("/l/").keys()).extracting(KeyValue::key).containsExactly("/l/c");
    }

    @Test
    void aKeyBelongsToTheLeaseOfItsLastPut() throws Exception {
        Lease first = grant(store);
        Lease second = grant(store);
        committed(Transaction.builder()
                .put("/l/kept", ONE, first.id())
                .put("/l/moved", ONE, first.id())
                .build());
        committed(Transaction.builder()
                .put("/l/kept", TWO)
                .put("/l/moved", TWO, second.id())
                .build());
        await(first.revoke());
        assertThat(range("/l/").keys()).hasSize(2);
        await(second.revoke());
        assertThat(range("/l/").keys()).extracting(KeyValue::key).containsExactly("/l/kept");
    }

    @Test
    void aLeaseThatIsGoneCanBeRevoked() throws Exception {
        Lease lease = grant(store);
        await(lease.revoke());
        await(lease.revoke());
    }

    @Test
    void nothingCanBeAttachedToALeaseThatIsGone() throws Exception {
        Lease lease = grant(store);
        await(lease.revoke());
        assertThat(failureOf(store.commit(Transaction.builder()
                        .put("/l/a", ONE, lease.id())
                        .put("/l/b", ONE)
                        .build())))
                .isEqualTo(Kind.LEASE_GONE);
        assertThat(range("/l/").keys()).isEmpty();
    }

    @Test
    void aLeaseThatIsLeftToRunOutEndsThoughItsHolderLives() throws Exception {
        Lease lease = grant(store);
        long revision =
                committed(Transaction.builder().put("/l/left", ONE, lease.id()).build());
        var watch = new RecordedWatch();
        try (var _ = store.watch("/l/left", revision + 1, watch)) {
            lease.letRunOut();
            watch.awaitChanges(1);
            assertThat(watch.changes()).first().isInstanceOf(Change.Deleted.class);
        }
    }

    @Test
    void aLeaseIsKeptAliveBeyondItsTimeToLive() throws Exception {
        Lease kept = grant(store);
        long granted = kept.confirmedAtNanos();
        committed(Transaction.builder().put("/l/kept", ONE, kept.id()).build());
        MetadataStore dying = anotherClient();
        for (int i = 0; i < 2; i++) {
            // Each of these leases lives for one time to live, which is how the test waits.
            Lease left = grant(i == 0 ? dying : store);
            committed(Transaction.builder().put("/l/left", ONE, left.id()).build());
            var watch = new RecordedWatch();
            try (var _ = store.watch("/l/left", range("/").revision() + 1, watch)) {
                if (i == 0) {
                    dying.close();
                } else {
                    await(left.revoke());
                }
                watch.awaitChanges(1);
                assertThat(watch.changes()).first().isInstanceOf(Change.Deleted.class);
            }
        }
        assertThat(get("/l/kept")).isPresent();
        assertThat(kept.lost()).isNotDone();
        assertThat(kept.confirmedAtNanos()).isGreaterThan(granted);
        await(kept.revoke());
    }

    @Test
    void concurrentIncrementsAreAllCountedAndAllWatched() throws Exception {
        int threads = 8;
        int each = 25;
        long start = put("/n", Bytes.utf8("0"));
        var watch = new RecordedWatch();
        try (var _ = store.watch("/n", start + 1, watch);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> workers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                workers.add(executor.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        increment();
                    }
                    return null;
                }));
            }
            for (Future<?> worker : workers) {
                worker.get(60, SECONDS);
            }
            assertThat(get("/n").orElseThrow().value().utf8()).isEqualTo(Integer.toString(threads * each));
            watch.awaitChanges(threads * each);
        }
        assertThat(watch.changes())
                .extracting(change -> ((Change.Put) change).now().value().utf8())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, threads * each)
                        .mapToObj(Integer::toString)
                        .toList());
    }

    @Test
    void aListingAndAWatchFromItMissNothing() throws Exception {
        var executor = Executors.newVirtualThreadPerTaskExecutor();
        try (executor) {
            Future<?> writer = executor.submit(() -> {
                for (int i = 0; i < 200; i++) {
                    put("/w/" + i, ONE);
                }
                return null;
            });
            for (int i = 0; i < 10; i++) {
                RangeResult listed = range("/w/");
                var watch = new RecordedWatch();
                try (var _ = store.watch("/w/", listed.revision() + 1, watch)) {
                    watch.awaitChanges(200 - listed.keys().size());
                    var seen = new TreeSet<String>();
                    listed.keys().forEach(key -> seen.add(key.key()));
                    watch.changes()
                            .forEach(
                                    change -> assertThat(seen.add(change.key())).isTrue());
                    assertThat(seen).hasSize(200);
                }
            }
            writer.get(60, SECONDS);
        }
    }

    @Test
    void aClosedClientRefusesEverything() {
        MetadataStore client = anotherClient();
        client.close();
        assertThat(failureOf(client.get("/a"))).isEqualTo(Kind.CLOSED);
        assertThat(failureOf(client.range("/a"))).isEqualTo(Kind.CLOSED);
        assertThat(failureOf(client.commit(Transaction.builder().put("/a", ONE).build())))
                .isEqualTo(Kind.CLOSED);
        assertThat(failureOf(client.grantLease(shortestLease()))).isEqualTo(Kind.CLOSED);
        assertThat(failureOf(client.compact(1))).isEqualTo(Kind.CLOSED);
    }

    private void increment() throws Exception {
        while (true) {
            KeyValue read = get("/n").orElseThrow();
            int next = Integer.parseInt(read.value().utf8()) + 1;
            var transaction =
                    Transaction.builder().requireUnchanged(read).put("/n", Bytes.utf8(Integer.toString(next)));
            if (commit(transaction.build()).committed()) {
                return;
            }
        }
    }

    private Optional<KeyValue> get(String key) throws Exception {
        return await(store.get(key));
    }

    private RangeResult range(String prefix) throws Exception {
        return await(store.range(prefix));
    }

    private long put(String key, Bytes value) throws Exception {
        return committed(Transaction.builder().put(key, value).build());
    }

    private CommitResult commit(Transaction transaction) throws Exception {
        return await(store.commit(transaction));
    }

    private long committed(Transaction transaction) throws Exception {
        CommitResult answer = commit(transaction);
        assertThat(answer).isInstanceOf(Committed.class);
        return ((Committed) answer).revision();
    }

    private Lease grant(MetadataStore client) throws Exception {
        return await(client.grantLease(shortestLease()));
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(30, SECONDS);
    }

    private static Kind failureOf(CompletableFuture<?> future) {
        ExecutionException failure = catchThrowableOfType(ExecutionException.class, () -> future.get(30, SECONDS));
        if (failure.getCause() instanceof MetadataException cause) {
            return cause.kind();
        }
        throw new AssertionError("not a metadata failure", failure);
    }
}
