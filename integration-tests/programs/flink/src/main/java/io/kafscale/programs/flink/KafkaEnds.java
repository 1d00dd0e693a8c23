package io.kafscale.programs.flink;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** What the jobs have in common: an environment, and sources and sinks as the connector's manual shows them. */
final class KafkaEnds {
    private static final int SLOTS = 2;

    private KafkaEnds() {}

    /** A cluster in this process, on the loopback address. */
    static StreamExecutionEnvironment environment(Configuration settings) {
        settings.setString("rest.address", "127.0.0.1");
        settings.setString("rest.bind-address", "127.0.0.1");
        settings.setString("jobmanager.bind-host", "127.0.0.1");
        settings.setString("taskmanager.bind-host", "127.0.0.1");
        settings.setString("execution.checkpointing.interval", "1 s");
        return StreamExecutionEnvironment.createLocalEnvironment(SLOTS, settings);
    }

    /** Reads on from what {@code group} has committed, or else from the beginning. */
    static KafkaSourceBuilder<String> source(String bootstrap, String topic, String group) {
        return KafkaSource.<String>builder()
                .setBootstrapServers(bootstrap)
                .setTopics(topic)
                .setGroupId(group)
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setValueOnlyDeserializer(new SimpleStringSchema());
    }

    /** Writes keys and values, at least once. */
    static KafkaSink<Tuple2<String, String>> sink(String bootstrap, String topic) {
        return KafkaSink.<Tuple2<String, String>>builder()
                .setBootstrapServers(bootstrap)
                .setRecordSerializer(KafkaRecordSerializationSchema.<Tuple2<String, String>>builder()
                        .setTopic(topic)
                        .setKeySerializationSchema(new FieldSchema(0))
                        .setValueSerializationSchema(new FieldSchema(1))
                        .build())
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .build();
    }
}
