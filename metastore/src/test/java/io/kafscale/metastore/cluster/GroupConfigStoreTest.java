package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupConfigStoreTest {
    private static final String NAME = "consumer.session.timeout.ms";

    private final ClusterFixture cluster = new ClusterFixture();
    private final GroupConfigStore configs = new GroupConfigStore(cluster.accessOf(cluster.store, 7));
    private final ImageKeeper keeper = new ImageKeeper(cluster.accessOf(cluster.store, 8));
    private final List<ClusterDelta> deltas = new ArrayList<>();

    private ClusterImage set(String group, Map<String, String> after) {
        long revision = cluster.await(configs.alter(group, before -> after));
        return cluster.await(keeper.awaitRevision(revision));
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders", "a/b c", "über%20", "+*~", "."})
    void whatIsSetForAGroupOfAnyNameShowsInTheImage(String group) {
        cluster.await(keeper.start());
        keeper.addListener((before, now, delta) -> deltas.add(delta));
        ClusterImage image = set(group, Map.of(NAME, "50000"));
        assertThat(image.groupConfigs()).containsOnlyKeys(group);
        assertThat(image.groupConfigs().values())
                .singleElement()
                .satisfies(
                        set -> assertThat(set.value()).isEqualTo(new GroupConfigRecord(group, Map.of(NAME, "50000"))));
        assertThat(deltas.getLast().groupConfigs()).containsExactly(group);
    }

    @Test
    void nothingIsKeptOfAGroupForWhichNothingIsSet() {
        cluster.await(keeper.start());
        set("orders", Map.of(NAME, "50000"));
        assertThat(set("orders", Map.of()).groupConfigs()).isEmpty();
        assertThat(cluster.keysUnder("/")).isEmpty();
        assertThat(cluster.await(configs.alter("orders", before -> Map.of()))).isZero();
    }

    @Test
    void anImageThatIsReadAnewHasThem() {
        cluster.await(configs.alter("orders", before -> Map.of(NAME, "50000")));
        assertThat(cluster.await(keeper.start()).groupConfigs()).containsOnlyKeys("orders");
    }

    @Test
    void concurrentChangesAllTakeEffect() {
        cluster.await(keeper.start());
        List<CompletableFuture<Long>> changes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String key = "key-" + i;
            changes.add(configs.alter("orders", before -> {
                var after = new HashMap<>(before);
                after.put(key, "value");
                return after;
            }));
        }
        long last = 0;
        for (var change : changes) {
            last = Math.max(last, cluster.await(change));
        }
        assertThat(cluster.await(keeper.awaitRevision(last)).groupConfigs().values())
                .singleElement()
                .satisfies(set -> assertThat(set.value().configs()).hasSize(5));
    }
}
