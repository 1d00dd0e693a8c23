package io.kafscale.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectLayoutTest {
    private final ObjectLayout layout = new ObjectLayout("prod/eu");

    @Test
    void keysAreForever() {
        assertThat(layout.prefix()).isEqualTo("prod/eu/");
        assertThat(layout.clusterKey()).isEqualTo("prod/eu/.cluster");
        assertThat(layout.clusterKey(0)).isEqualTo("prod/eu/.cluster");
        assertThat(layout.clusterKey(12)).isEqualTo("prod/eu/.cluster~12");
        assertThat(layout.walPrefix()).isEqualTo("prod/eu/.wal/");
        assertThat(layout.walPrefix(new StreamId(3, 17))).isEqualTo("prod/eu/.wal/3-17/");
        assertThat(layout.walKey(new StreamId(3, 17), 42)).isEqualTo("prod/eu/.wal/3-17/00000000000000000042.wal");
        assertThat(layout.topicPrefix("orders~2")).isEqualTo("prod/eu/orders~2/");
        assertThat(layout.partitionPrefix("orders", 5)).isEqualTo("prod/eu/orders/5/");
        assertThat(layout.segmentKey("orders", 5, 1_000))
                .isEqualTo("prod/eu/orders/5/segment-00000000000000001000.kfs");
        assertThat(layout.indexKey("orders", 5, Long.MAX_VALUE))
                .isEqualTo("prod/eu/orders/5/segment-09223372036854775807.index");
    }

    @Test
    void keysAreReadBack() {
        var wal = new WalKey(new StreamId(Integer.MAX_VALUE, Long.MAX_VALUE), Long.MAX_VALUE);
        assertThat(layout.parseWalKey(layout.walKey(wal))).contains(wal);
        for (SegmentKey.Kind kind : SegmentKey.Kind.values()) {
            var segment = new SegmentKey("orders~12", 0, 77, kind);
            assertThat(layout.parseSegmentKey(layout.key(segment))).contains(segment);
        }
    }

    @Test
    void keysOfIdentitiesSayTheirGeneration() {
        assertThat(layout.parseClusterKey("prod/eu/.cluster")).hasValue(0);
        assertThat(layout.parseClusterKey("prod/eu/.cluster~12")).hasValue(12);
        for (String other : new String[] {"~0", "~01", "~", "~-1", "~9999999999", "x", "/1"}) {
            assertThat(layout.parseClusterKey("prod/eu/.cluster" + other)).isEmpty();
        }
        assertThat(layout.parseClusterKey("prod/us/.cluster")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "prod/us/.wal/3-17/00000000000000000042.wal",
                "prod/eu/.wal/3-17/42.wal",
                "prod/eu/.wal/3-17/000000000000000000042.wal",
                "prod/eu/.wal/3-17/99999999999999999999.wal",
                "prod/eu/.wal/3-17/-0000000000000000042.wal",
                "prod/eu/.wal/03-17/00000000000000000042.wal",
                "prod/eu/.wal/3/00000000000000000042.wal",
                "prod/eu/.wal/3-17/x/00000000000000000042.wal",
                "prod/eu/.wal/3-17/00000000000000000042.wal.tmp",
                "prod/eu/.wal/00000000000000000042.wal",
                "prod/eu/.wal/.wal",
                "prod/eu/.wal/3000000000-1/00000000000000000042.wal"
            })
    void otherKeysAreNoWalKeys(String key) {
        assertThat(layout.parseWalKey(key)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "prod/us/orders/5/segment-00000000000000001000.kfs",
                "prod/eu/orders/5/segment-1000.kfs",
                "prod/eu/orders/05/segment-00000000000000001000.kfs",
                "prod/eu/orders/5/segment-00000000000000001000.kfs.tmp",
                "prod/eu/orders/5/00000000000000001000.kfs",
                "prod/eu/orders/5/segment-.kfs",
                "prod/eu/orders/5/segment-.index",
                "prod/eu/orders~0/5/segment-00000000000000001000.kfs",
                "prod/eu/.wal/5/segment-00000000000000001000.kfs",
                "prod/eu/orders/x/segment-00000000000000001000.kfs",
                "prod/eu/a/orders/5/segment-00000000000000001000.kfs",
                "prod/eu/orders/3000000000/segment-00000000000000001000.kfs",
                "prod/eu/.cluster"
            })
    void otherKeysAreNoSegmentKeys(String key) {
        assertThat(layout.parseSegmentKey(key)).isEmpty();
    }

    @Test
    void topicsOfOneNameNeverShareADirectory() {
        assertThat(new TopicDirectory("orders", 0)).hasToString("orders");
        assertThat(new TopicDirectory("orders", 1)).hasToString("orders~1");
        assertThat(TopicDirectory.parse("orders~7")).contains(new TopicDirectory("orders", 7));
        assertThat(TopicDirectory.parse("orders")).contains(new TopicDirectory("orders", 0));
    }

    @Test
    void aTopicCalledLikeOneOfOurOwnDirectoriesDoesNotCollideWithIt() {
        assertThat(new TopicDirectory(".wal", 0)).hasToString(".wal~0");
        assertThat(TopicDirectory.parse(".wal~0")).contains(new TopicDirectory(".wal", 0));
        assertThat(TopicDirectory.parse(".wal")).isEmpty();
        assertThat(layout.topicPrefix(new TopicDirectory(".wal", 0).toString())).doesNotStartWith(layout.walPrefix());
        assertThat(new TopicDirectory(".cluster", 0).toString()).isNotEqualTo(".cluster");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a~1", "ä", " ", "~1", "orders~01", "orders~", "orders~-1", "a~1~2"})
    void otherDirectoriesAreNoTopics(String directory) {
        if (!directory.equals("a~1")) {
            assertThat(TopicDirectory.parse(directory)).isEmpty();
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new TopicDirectory(directory, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a/", "/a", "a//b", "a/../b", "."})
    void otherStringsAreNoNamespaces(String namespace) {
        assertThatIllegalArgumentException().isThrownBy(() -> new ObjectLayout(namespace));
    }

    @Test
    void streamsHaveOneSpelling() {
        assertThat(new StreamId(3, 17)).hasToString("3-17");
        assertThat(StreamId.parse("3-17")).contains(new StreamId(3, 17));
        for (String other : new String[] {"3", "3-", "-17", "3-17-1", "+3-17", "3--17", "03-17", "3-017", ""}) {
            assertThat(StreamId.parse(other)).as(other).isEmpty();
        }
        assertThat(new StreamId(3, 17)).isLessThan(new StreamId(3, 18)).isLessThan(new StreamId(4, 0));
    }
}
