package io.kafscale.programs.flink;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * {@code CopyJob BOOTSTRAP INPUT OUTPUT GROUP bounded|unbounded} copies what the group has not yet committed, each value as key and
 * value. If bounded, it ends when it has copied what was there when it began.
 */
public final class CopyJob {
    private CopyJob() {}

    /** See above. */
    public static void main(String[] arguments) throws Exception {
        KafkaSourceBuilder<String> source = KafkaEnds.source(arguments[0], arguments[1], arguments[3]);
        if (arguments[4].equals("bounded")) {
            source.setBounded(OffsetsInitializer.latest());
        }
        StreamExecutionEnvironment environment = KafkaEnds.environment(new Configuration());
        environment
                .fromSource(source.build(), WatermarkStrategy.noWatermarks(), "input")
                .map(value -> Tuple2.of(value, value))
                .returns(Types.TUPLE(Types.STRING, Types.STRING))
                .sinkTo(KafkaEnds.sink(arguments[0], arguments[2]));
        environment.execute("copy");
    }
}
