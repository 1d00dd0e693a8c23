package io.kafscale.it.workload;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.ProduceRequest;

/** The requests of a {@link BrokerProbe}, of versions that name topics. */
final class ProbeRequests {
    private static final short METADATA = 9;
    private static final short LIST_OFFSETS = 6;
    private static final short FETCH = 12;
    private static final short PRODUCE = 9;
    private static final int PRODUCE_TIMEOUT_MS = 30_000;
    private static final int FETCH_BYTES = 4_096;

    private ProbeRequests() {}

    /** Who leads? */
    static AbstractRequest metadata(TestTopic topic) {
        return new MetadataRequest.Builder(List.of(topic.name()), false).build(METADATA);
    }

    /** What are the high watermarks? */
    static AbstractRequest highWatermarks(TestTopic topic) {
        List<ListOffsetsPartition> partitions = topic.all().stream()
                .map(partition -> new ListOffsetsPartition()
                        .setPartitionIndex(partition.partition())
                        .setTimestamp(ListOffsetsRequest.LATEST_TIMESTAMP))
                .toList();
        return ListOffsetsRequest.Builder.forConsumer(false, IsolationLevel.READ_UNCOMMITTED)
                .setTargetTimes(
                        List.of(new ListOffsetsTopic().setName(topic.name()).setPartitions(partitions)))
                .build(LIST_OFFSETS);
    }

    /** Is there anything at these offsets? Does not wait for it. */
    static AbstractRequest fetch(TestTopic topic, Map<Integer, Long> offsets) {
        var wanted = new HashMap<TopicPartition, FetchRequest.PartitionData>();
        offsets.forEach((partition, offset) -> wanted.put(
                topic.at(partition),
                new FetchRequest.PartitionData(
                        Uuid.ZERO_UUID, offset, FetchRequest.INVALID_LOG_START_OFFSET, FETCH_BYTES, Optional.empty())));
        return FetchRequest.Builder.forConsumer(FETCH, 0, 0, wanted).build(FETCH);
    }

    /** One record for each partition, with these numbers. */
    static AbstractRequest produce(TestTopic topic, String producer, Map<Integer, Long> numbers) {
        List<PartitionProduceData> partitions = numbers.entrySet().stream()
                .map(entry -> new PartitionProduceData()
                        .setIndex(entry.getKey())
                        .setRecords(batch(producer, entry.getValue())))
                .toList();
        var topics = new TopicProduceDataCollection(
                List.of(new TopicProduceData().setName(topic.name()).setPartitionData(partitions))
                        .iterator());
        var data = new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(PRODUCE_TIMEOUT_MS)
                .setTopicData(topics);
        return ProduceRequest.builder(data).build(PRODUCE);
    }

    private static MemoryRecords batch(String producer, long number) {
        return MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(
                        System.currentTimeMillis(),
                        producer.getBytes(StandardCharsets.UTF_8),
                        RecordText.value(number, 0).getBytes(StandardCharsets.UTF_8)));
    }
}
