package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Lease;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdMember;
import io.kafscale.testkit.etcd.EtcdOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of three members fails while a writer writes and a watcher watches. */
class MemberFailureTest {
    private static final int WRITES = 400;
    private static final int FAILURE_AT = 150;
    private static final Duration CALL_LIMIT = Duration.ofSeconds(2);
    private static final Duration OUTAGE = Duration.ofSeconds(15);
    private static final RandomGenerator FIRST = () -> 0L;

    @TempDir
    Path directory;

    private EtcdCluster cluster;

    @BeforeEach
    void start() {
        cluster = EtcdCluster.start(directory, 3, EtcdOptions.DEFAULTS);
    }

    @AfterEach
    void stop() {
        cluster.members().forEach(EtcdMember::kill);
    }

    @Test
    void theLeaderIsKilled() throws Exception {
        EtcdMember leader = cluster.leader();
        writeThrough(leader, leader::kill);
        leader.start();
    }

    @Test
    void theMemberThatIsAskedStopsAnswering() throws Exception {
        EtcdMember follower = cluster.members().stream()
                .filter(member -> !member.equals(cluster.leader()))
                .findFirst()
                .orElseThrow();
        writeThrough(follower, follower::pause);
        follower.resume();
    }

    @Test
    void theLeaderStopsAnswering() throws Exception {
        EtcdMember leader = cluster.leader();
        writeThrough(leader, leader::pause);
        leader.resume();
    }

    /** Everything is asked of {@code victim} first, so that its failure is felt. */
    private void writeThrough(EtcdMember victim, Runnable failure) throws Exception {
        var endpoints = IntStream.range(0, 3)
                .map(i -> (cluster.members().indexOf(victim) + i) % 3)
                .mapToObj(i -> EtcdTestSettings.address(cluster.members().get(i)))
                .toList();
        var watch = new RecordedWatch();
        try (var store = EtcdMetadataStore.open(EtcdSettings.plain(endpoints).withCallLimit(CALL_LIMIT), FIRST)) {
            var user = new StoreUser(store);
            Lease lease = StoreUser.await(store.grantLease(Duration.ofSeconds(10)));
            try (var _ = store.watch("/w/", user.range("/").revision() + 1, watch)) {
                Duration longest = Duration.ZERO;
                for (int i = 0; i < WRITES; i++) {
                    if (i == FAILURE_AT) {
                        failure.run();
                    }
                    long begun = System.nanoTime();
                    user.createThrough("/w/" + i, "value " + i);
                    Duration took = Duration.ofNanos(System.nanoTime() - begun);
                    longest = took.compareTo(longest) > 0 ? took : longest;
                }
                watch.awaitChanges(WRITES);
                assertThat(longest).isLessThan(OUTAGE);
            }
            long now = System.nanoTime();
            StoreUser.until("the lease is confirmed", () -> lease.confirmedAtNanos() - now > 0);
            assertThat(lease.lost()).isNotDone();
        }
        List<String> inOrder =
                IntStream.range(0, WRITES).mapToObj(i -> "/w/" + i).toList();
        assertThat(watch.changes()).extracting(Change::key).containsExactlyElementsOf(inOrder);
        assertThat(watch.changes())
                .allSatisfy(change -> assertThat(change)
                        .isInstanceOfSatisfying(
                                Change.Put.class,
                                put -> assertThat(put.now().createRevision())
                                        .isEqualTo(put.now().modRevision())));
    }
}
