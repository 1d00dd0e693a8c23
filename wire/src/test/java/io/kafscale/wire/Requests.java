package io.kafscale.wire;

import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Request bodies that tests send. */
final class Requests {
    static final short HEARTBEAT_VERSION = 4;
    static final short PRODUCE_VERSION = 9;

    private Requests() {}

    static HeartbeatRequestData heartbeat() {
        return new HeartbeatRequestData().setGroupId("g").setMemberId("m").setGenerationId(1);
    }

    /** A produce request for partition 0 of topic t with one record of this size. */
    static ProduceRequestData produce(int acks, int recordBytes) {
        var records = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[recordBytes]));
        var data = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(1000);
        data.topicData()
                .add(new TopicProduceData()
                        .setName("t")
                        .setPartitionData(
                                List.of(new PartitionProduceData().setIndex(0).setRecords(records))));
        return data;
    }
}
