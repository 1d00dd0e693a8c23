package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.TestSeed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PersistentMapTest {
    /** Few hashes, and such that differ only in their highest bits. */
    private record Key(int number) {
        @Override
        public int hashCode() {
            return number % 7 << 29 | number % 3;
        }
    }

    @Test
    void behavesLikeAHashMapAndLeavesOlderMapsAsTheyWere() {
        long seed = TestSeed.of(PersistentMapTest.class);
        var random = new Random(seed);
        PersistentMap<Key, Integer> map = PersistentMap.empty();
        Map<Key, Integer> model = new HashMap<>();
        List<PersistentMap<Key, Integer>> older = new ArrayList<>();
        List<Map<Key, Integer>> olderModels = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            var key = new Key(random.nextInt(200));
            if (random.nextInt(5) < (i / 500 % 2 == 0 ? 4 : 1)) {
                map = map.with(key, i);
                model.put(key, i);
            } else {
                map = map.without(key);
                model.remove(key);
            }
            assertThat(map.get(key)).isEqualTo(model.get(key));
            assertThat(map.size()).isEqualTo(model.size());
            if (i % 100 == 0) {
                older.add(map);
                olderModels.add(new HashMap<>(model));
            }
        }
        for (int i = 0; i < older.size(); i++) {
            assertThat(older.get(i)).isEqualTo(olderModels.get(i));
            assertThat(older.get(i).entrySet()).hasSize(olderModels.get(i).size());
        }
    }

    @Test
    void holdsTenThousandIntegers() {
        PersistentMap<Integer, Integer> map = PersistentMap.empty();
        for (int i = 0; i < 10_000; i++) {
            map = map.with(i, -i);
        }
        for (int i = 0; i < 10_000; i += 2) {
            map = map.without(i);
        }
        assertThat(map).hasSize(5_000).containsEntry(4_999, -4_999).doesNotContainKey(5_000);
        assertThat(map.values().stream().mapToLong(Integer::longValue).sum()).isEqualTo(-25_000_000L);
    }
}
