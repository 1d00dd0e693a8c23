package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The stored form of every record: these texts change only together with docs/metadata-layout.md. */
class RecordJsonTest {
    private static final UUID TOPIC = UUID.fromString("0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9");
    private static final BrokerIncarnation ONE = new BrokerIncarnation(1, 10);
    private static final BrokerIncarnation TWO = new BrokerIncarnation(2, 11);

    @Test
    void cluster() {
        var record = new ClusterRecord("MkU3OEVBNTcwNTJENDM2Qg", 3, 1_700_000_000_000L);
        Bytes json = RecordJson.encode(record);
        assertThat(json.utf8())
                .isEqualTo("{\"v\":1,\"clusterId\":\"MkU3OEVBNTcwNTJENDM2Qg\",\"restoreGeneration\":3,"
                        + "\"createdMs\":1700000000000}");
        assertThat(RecordJson.cluster(stored(json))).isEqualTo(record);
    }

    @Test
    void broker() {
        var record = new BrokerRegistration(ONE, "b1.example.org", 9092, "rack-a", "0.1.0", 1_700_000_000_000L);
        Bytes json = RecordJson.encode(record);
        assertThat(json.utf8())
                .isEqualTo("{\"v\":1,\"epoch\":10,\"host\":\"b1.example.org\",\"port\":9092,\"rack\":\"rack-a\","
                        + "\"version\":\"0.1.0\",\"startedMs\":1700000000000}");
        assertThat(RecordJson.broker(1, stored(json))).isEqualTo(record);
        var rackless = new BrokerRegistration(ONE, "b1", 9092, null, "0.1.0", 0);
        assertThat(RecordJson.broker(1, stored(RecordJson.encode(rackless)))).isEqualTo(rackless);
    }

    @Test
    void stream() {
        StreamRecord open = StreamRecord.open(ONE);
        assertThat(RecordJson.encode(open).utf8()).isEqualTo("{\"v\":1,\"state\":\"open\"}");
        assertThat(RecordJson.encode(open.sealed(7)).utf8())
                .isEqualTo("{\"v\":1,\"state\":\"sealed\",\"sealSequence\":7}");
        for (StreamRecord record :
                List.of(open, open.closing(), open.sealed(7), open.sealed(7).collected())) {
            assertThat(RecordJson.stream(ONE, stored(RecordJson.encode(record))))
                    .isEqualTo(record);
        }
    }

    @Test
    void availabilityAndPin() {
        var record = new BrokerAvailability(ONE, BrokerAvailability.State.DRAINING);
        Bytes json = RecordJson.encode(record);
        assertThat(json.utf8()).isEqualTo("{\"v\":1,\"epoch\":10,\"state\":\"draining\"}");
        assertThat(RecordJson.availability(1, stored(json))).isEqualTo(record);
        assertThat(RecordJson.encodePin(2).utf8()).isEqualTo("{\"v\":1,\"broker\":2}");
        assertThat(RecordJson.pin(stored(RecordJson.encodePin(2)))).isEqualTo(2);
    }

    @Test
    void suspicionsAndEviction() {
        var record = new Suspicions(ONE, Set.of(new BrokerIncarnation(3, 9), TWO));
        Bytes json = RecordJson.encode(record);
        assertThat(json.utf8()).isEqualTo("{\"v\":1,\"epoch\":10,\"suspects\":[\"2-11\",\"3-9\"]}");
        assertThat(RecordJson.suspicions(1, stored(json))).isEqualTo(record);
        assertThat(RecordJson.encodeEviction(TWO, ONE).utf8())
                .isEqualTo("{\"v\":1,\"evicted\":\"2-11\",\"by\":\"1-10\"}");
    }

    @Test
    void shardOwner() {
        var owner = ShardOwner.NONE.takenBy(ONE).takenBy(ONE);
        assertThat(owner.encode().utf8()).isEqualTo("{\"v\":1,\"epoch\":2,\"owner\":\"1-10\"}");
        assertThat(owner.released().encode().utf8()).isEqualTo("{\"v\":1,\"epoch\":2}");
        for (ShardOwner record : List.of(owner, owner.released())) {
            assertThat(ShardOwner.decode(stored(record.encode()))).isEqualTo(record);
        }
        assertThat(owner.is(ONE)).isTrue();
        assertThat(owner.released().isReleased()).isTrue();
    }

    @Test
    void topicAndTombstone() {
        var record = new TopicRecord(
                TOPIC,
                "orders",
                "orders~2",
                12,
                Map.of("retention.ms", "1000", "a", "\"é\""),
                1_700_000_000_000L,
                2,
                3_600_000);
        Bytes json = RecordJson.encode(record);
        assertThat(json.utf8())
                .isEqualTo("{\"v\":1,\"id\":\"0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9\",\"directory\":\"orders~2\","
                        + "\"partitions\":12,\"generation\":2,\"createdMs\":1700000000000,\"timestampLeadMs\":3600000,"
                        + "\"configs\":{\"a\":\"\\\"é\\\"\",\"retention.ms\":\"1000\"}}");
        assertThat(RecordJson.topic("orders", stored(json))).isEqualTo(record);
        TopicTombstone tombstone = record.deleted(1_700_000_000_001L);
        assertThat(RecordJson.encode(tombstone).utf8())
                .isEqualTo("{\"v\":1,\"name\":\"orders\",\"directory\":\"orders~2\",\"partitions\":12,"
                        + "\"deletedMs\":1700000000001}");
        assertThat(RecordJson.tombstone(TOPIC, stored(RecordJson.encode(tombstone))))
                .isEqualTo(tombstone);
    }

    @Test
    void groupConfigs() {
        var record = new GroupConfigRecord("g", Map.of("consumer.session.timeout.ms", "50000"));
        Bytes json = RecordJson.encode(record);
        assertThat(json.utf8()).isEqualTo("{\"v\":1,\"configs\":{\"consumer.session.timeout.ms\":\"50000\"}}");
        assertThat(RecordJson.groupConfig("g", stored(json))).isEqualTo(record);
    }

    @Test
    void partition() {
        PartitionRecord led = PartitionRecord.first(TOPIC, 3, ONE)
                .takeOver(TWO, 100)
                .advanceSegmentEnd(40)
                .advanceLogStart(20);
        Bytes json = RecordJson.encode(led);
        assertThat(json.utf8())
                .isEqualTo("{\"v\":1,\"leader\":\"2-11\",\"leaderEpoch\":1,\"logStart\":20,\"segmentEnd\":40,"
                        + "\"tenures\":[{\"epoch\":0,\"stream\":\"1-10\",\"start\":0,\"end\":100},"
                        + "{\"epoch\":1,\"stream\":\"2-11\",\"start\":100}]}");
        for (PartitionRecord record :
                List.of(led, led.release(150), led.advanceSegmentEnd(150).release(150))) {
            assertThat(RecordJson.partition(new PartitionId(TOPIC, 3), stored(RecordJson.encode(record))))
                    .isEqualTo(record);
        }
    }

    @Test
    void whatCannotBeReadNamesItsKey() {
        List<String> values = List.of(
                "",
                "not json",
                "[]",
                "{}",
                "{\"v\":2,\"clusterId\":\"x\",\"restoreGeneration\":0,\"createdMs\":0}",
                "{\"v\":1,\"restoreGeneration\":0,\"createdMs\":0}",
                "{\"v\":1,\"clusterId\":7,\"restoreGeneration\":0,\"createdMs\":0}",
                "{\"v\":1,\"clusterId\":\"x\",\"restoreGeneration\":\"0\",\"createdMs\":0}",
                "{\"v\":1,\"clusterId\":\"x\",\"restoreGeneration\":0.5,\"createdMs\":0}",
                "{\"v\":1,\"clusterId\":\"x\",\"restoreGeneration\":4294967296,\"createdMs\":0}",
                "{\"v\":1,\"clusterId\":\"x\",\"restoreGeneration\":-1,\"createdMs\":0}",
                "{\"v\":1,\"clusterId\":\"x\",\"clusterId\":\"y\",\"restoreGeneration\":0,\"createdMs\":0}",
                "{\"v\":1,\"clusterId\":\"x\",\"restoreGeneration\":0,\"createdMs\":0} more");
        for (String value : values) {
            assertThatThrownBy(() -> RecordJson.cluster(stored(Bytes.utf8(value))))
                    .as(value)
                    .isInstanceOf(MetadataException.class)
                    .hasMessageContaining("the value of /k at revision 5")
                    .hasMessageContaining("CORRUPT");
        }
    }

    @Test
    void whatALaterVersionAddsIsIgnored() {
        String json = "{\"v\":1,\"clusterId\":\"x\",\"restoreGeneration\":0,\"createdMs\":0,\"colour\":{\"r\":1}}";
        assertThat(RecordJson.cluster(stored(Bytes.utf8(json)))).isEqualTo(new ClusterRecord("x", 0, 0));
    }

    private static KeyValue stored(Bytes value) {
        return new KeyValue("/k", value, 4, 5, 0);
    }
}
