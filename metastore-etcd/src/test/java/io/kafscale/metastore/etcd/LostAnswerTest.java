package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.runtime.ThreadEventLoop;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.net.Direction;
import io.kafscale.testkit.net.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests and answers get lost between a store and etcd. */
class LostAnswerTest {
    private static final Duration CALL_LIMIT = Duration.ofSeconds(2);
    private static final MetadataKeys KEYS = new MetadataKeys("test");

    private final ThreadEventLoop loop = new ThreadEventLoop("test", (name, failure) -> {
        throw new AssertionError(failure);
    });

    @TempDir
    Path directory;

    private EtcdCluster cluster;
    private TcpProxy proxy;
    private EtcdMetadataStore store;
    private EtcdMetadataStore observer;
    private StoreUser observing;

    @BeforeEach
    void start() {
        cluster = EtcdCluster.startSingle(directory);
        proxy = TcpProxy.to(cluster.member().port());
        store = EtcdMetadataStore.open(EtcdSettings.plain(List.of(new EtcdSettings.Address("127.0.0.1", proxy.port())))
                .withCallLimit(CALL_LIMIT));
        observer = EtcdMetadataStore.open(EtcdTestSettings.of(cluster));
        observing = new StoreUser(observer);
    }

    @AfterEach
    void stop() {
        store.close();
        observer.close();
        proxy.close();
        cluster.close();
        loop.close();
    }

    @Test
    void aWriteWhoseConnectionBreaksBeforeTheAnswerIsInDoubt() throws Exception {
        // Given
        new StoreUser(store).put("/a", "1");
        proxy.hold(Direction.TO_CLIENT);
        // When
        CompletableFuture<CommitResult> doubtful = commitAndAwaitItsApplication(Transaction.builder()
                .require("/a", observing.get("/a").orElseThrow().modRevision())
                .put("/a", Bytes.utf8("2"))
                .build());
        proxy.cut();
        // Then
        assertThat(StoreUser.failureOf(doubtful)).isEqualTo(Kind.OUTCOME_UNKNOWN);
        proxy.heal();
        assertThat(observing.get("/a").orElseThrow().value().utf8()).isEqualTo("2");
    }

    @Test
    void aWriteWhoseAnswerDoesNotComeInTimeIsInDoubt() throws Exception {
        new StoreUser(store).put("/a", "1");
        proxy.hold(Direction.TO_CLIENT);
        assertThat(StoreUser.failureOf(commitAndAwaitItsApplication(
                        Transaction.builder().put("/a", Bytes.utf8("2")).build())))
                .isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(StoreUser.failureOf(store.get("/a"))).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aWriteThatFindsNoConnectionIsNoDoubt() {
        proxy.cut();
        long before = observing.range("/").revision();
        assertThat(StoreUser.failureOf(store.commit(
                        Transaction.builder().put("/a", Bytes.EMPTY).build())))
                .isEqualTo(Kind.UNAVAILABLE);
        proxy.heal();
        assertThat(observing.range("/").revision()).isEqualTo(before);
    }

    @Test
    void aWriteThatFindsNoConnectionIsSentOnceWhenOneOpens() {
        // Given
        long before = new StoreUser(store).put("/a", "1");
        Transaction write = Transaction.builder()
                .require("/a", before)
                .put("/a", Bytes.utf8("2"))
                .build();
        refuseConnections();
        // When
        CompletableFuture<CommitResult> waiting = store.commit(write);
        proxy.heal();
        // Then
        assertThat(StoreUser.await(waiting)).isEqualTo(new CommitResult.Committed(before + 1));
        assertThat(observing.range("/").revision()).isEqualTo(before + 1);
    }

    @Test
    void manyCallsThatFindNoConnectionAllGoOnWhenOneOpens() {
        // Given
        long before = new StoreUser(store).put("/a", "1");
        refuseConnections();
        // When
        var waiting = IntStream.range(0, 100)
                .mapToObj(i -> store.commit(Transaction.builder()
                        .requireAbsent("/b/" + i)
                        .put("/b/" + i, Bytes.EMPTY)
                        .build()))
                .toList();
        proxy.heal();
        // Then
        assertThat(waiting)
                .allSatisfy(
                        each -> assertThat(StoreUser.await(each).committed()).isTrue());
        assertThat(observing.range("/").revision()).isEqualTo(before + 100);
    }

    @Test
    void aCallThatWaitsForAConnectionEndsWithTheStore() {
        // Given
        new StoreUser(store).put("/a", "1");
        refuseConnections();
        // When
        CompletableFuture<CommitResult> write =
                store.commit(Transaction.builder().put("/a", Bytes.EMPTY).build());
        CompletableFuture<?> read = store.get("/a");
        store.close();
        // Then
        assertThat(StoreUser.failureOf(write)).isEqualTo(Kind.CLOSED);
        assertThat(StoreUser.failureOf(read)).isEqualTo(Kind.CLOSED);
    }

    /** From now on there is no connection, and one was refused just now. */
    private void refuseConnections() {
        proxy.cut();
        StoreUser.until("a connection is refused", () -> {
            var read = store.get("/a").handle((value, failure) -> String.valueOf(failure));
            return StoreUser.await(read).contains("was not sent");
        });
    }

    @Test
    void aRequestThatArrivesLateChangesNothingThatHasChanged() {
        // Given
        long before = new StoreUser(store).put("/a", "1");
        proxy.hold(Direction.TO_SERVER);
        var late = Transaction.builder()
                .require("/a", before)
                .put("/a", Bytes.utf8("late"))
                .build();
        assertThat(StoreUser.failureOf(store.commit(late))).isEqualTo(Kind.OUTCOME_UNKNOWN);
        // When
        long newer = observing.put("/a", "newer");
        proxy.heal();
        StoreUser.until("the connection works again", () -> {
            var read = store.get("/a");
            return StoreUser.await(read.handle((value, failure) -> failure == null));
        });
        // Then
        assertThat(observing.get("/a").orElseThrow().modRevision()).isEqualTo(newer);
    }

    @Test
    void aLostAnswerIsReadBackAndCountsOnce() throws Exception {
        // Given
        var access = new MetadataAccess(store, KEYS, loop, new SplittableRandom(1));
        StoreUser.await(new ClusterStore(access).createIfAbsent(new ClusterRecord("a-cluster", 0, 0)));
        var registry = new BrokerRegistry(access);
        BrokerIncarnation first = StoreUser.await(registry.nextIncarnation(1));
        var watch = new RecordedWatch();
        try (var _ =
                observer.watch(KEYS.brokerEpochCounter(), observing.range("/").revision() + 1, watch)) {
            // When
            CompletableFuture<BrokerIncarnation> second = nextWhoseAnswerIsLost(watch);
            // Then
            assertThat(StoreUser.await(second).brokerEpoch()).isEqualTo(first.brokerEpoch() + 1);
            BrokerIncarnation third = StoreUser.await(registry.nextIncarnation(1));
            assertThat(third.brokerEpoch()).isEqualTo(first.brokerEpoch() + 2);
            watch.awaitChanges(2);
            assertThat(watch.changes()).hasSize(2);
        }
    }

    /** Lets the reads through; holds the answers from the moment at which the write has been applied at the latest. */
    private CompletableFuture<BrokerIncarnation> nextWhoseAnswerIsLost(RecordedWatch watch)
            throws InterruptedException {
        var held = new AnswersHeldAtCommit(store, proxy);
        var access = new MetadataAccess(held, KEYS, loop, new SplittableRandom(2));
        CompletableFuture<BrokerIncarnation> next = new BrokerRegistry(access).nextIncarnation(1);
        watch.awaitChanges(1);
        proxy.cut();
        proxy.heal();
        return next;
    }

    private CompletableFuture<CommitResult> commitAndAwaitItsApplication(Transaction transaction)
            throws InterruptedException {
        var watch = new RecordedWatch();
        String key = transaction.writes().getFirst().key();
        try (var _ = observer.watch(key, observing.range("/").revision() + 1, watch)) {
            CompletableFuture<CommitResult> answer = store.commit(transaction);
            watch.awaitChanges(1);
            return answer;
        }
    }
}
