package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.TestSeed;
import io.kafscale.metastore.UnreliableMetadataStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProducerIdTest {
    private final ClusterFixture cluster = new ClusterFixture().withCluster();

    @Test
    void blocksFollowEachOther() {
        ProducerIdBlock first = cluster.await(cluster.producerIds.next(1_000));
        ProducerIdBlock second = cluster.await(cluster.producerIds.next(10));
        assertThat(second.firstId()).isEqualTo(first.endId());
    }

    @Test
    void noIdIsGivenTwiceByBrokersThatShareABadNetwork() {
        long seed = TestSeed.of(ProducerIdTest.class);
        var random = new SplittableRandom(seed);
        var unreliable = new UnreliableMetadataStore(cluster.store, cluster.loop, random.split(), 0.5);
        List<ProducerIdBlocks> brokers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            var ids = new ProducerIdStore(cluster.accessOf(unreliable, random.nextLong()));
            brokers.add(new ProducerIdBlocks(ids, cluster.loop, 5));
        }
        var given = new HashSet<Long>();
        int failures = 0;
        for (int i = 0; i < 1_000; i++) {
            CompletableFuture<Long> one = brokers.get(random.nextInt(3)).next();
            CompletableFuture<Long> two = brokers.get(random.nextInt(3)).next();
            for (var id : List.of(one, two)) {
                try {
                    assertThat(given.add(cluster.await(id))).isTrue();
                } catch (MetadataException notThisTime) {
                    failures++;
                }
            }
        }
        assertThat(given).hasSizeGreaterThan(500);
        assertThat(failures).isLessThan(1_500);
    }

    @Test
    void theNextBlockIsFetchedWhenHalfIsGone() {
        var ids = new ProducerIdBlocks(cluster.producerIds, cluster.loop, 10);
        for (int i = 1; i <= 4; i++) {
            assertThat(cluster.await(ids.next())).isEqualTo(i);
        }
        cluster.loop.runReady();
        assertThat(cluster.await(cluster.producerIds.next(1)).firstId()).isEqualTo(11);
        assertThat(cluster.await(ids.next())).isEqualTo(5);
        cluster.loop.runReady();
        assertThat(cluster.await(cluster.producerIds.next(1)).firstId()).isEqualTo(22);
        for (long expected : new long[] {6, 7, 8, 9, 10, 12, 13}) {
            assertThat(cluster.await(ids.next())).isEqualTo(expected);
        }
    }

    @Test
    void producersAreToldWhenTheStoreCannotBeAskedAndMayAskAgain() {
        var closed = cluster.store.client();
        closed.close();
        var none = new ProducerIdBlocks(new ProducerIdStore(cluster.accessOf(closed, 4)), cluster.loop, 10);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> cluster.await(none.next())).isInstanceOf(MetadataException.class);
        }
    }

    @Test
    void theClusterRecordIsWrittenOnce() {
        var again = cluster.await(cluster.clusters.createIfAbsent(new ClusterRecord("another", 0, 7)));
        assertThat(again.value().clusterId()).isEqualTo("a-cluster");
        assertThat(cluster.await(cluster.clusters.get())).contains(again);
    }
}
