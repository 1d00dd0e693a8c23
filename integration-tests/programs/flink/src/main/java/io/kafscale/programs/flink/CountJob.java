package io.kafscale.programs.flink;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * {@code CountJob BOOTSTRAP INPUT OUTPUT GROUP CHECKPOINTS [CHECKPOINT]} counts values for ever, writes checkpoints below a
 * directory, and goes on from one of them if told so.
 */
public final class CountJob {
    private CountJob() {}

    /** See above. */
    public static void main(String[] arguments) throws Exception {
        Configuration settings = new Configuration();
        settings.setString("execution.checkpointing.dir", arguments[4]);
        settings.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        if (arguments.length > 5) {
            settings.setString("execution.state-recovery.path", arguments[5]);
        }
        StreamExecutionEnvironment environment = KafkaEnds.environment(settings);
        environment
                .fromSource(
                        KafkaEnds.source(arguments[0], arguments[1], arguments[3])
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "input")
                .map(value -> Tuple2.of(value, 1L))
                .returns(Types.TUPLE(Types.STRING, Types.LONG))
                .keyBy(row -> row.f0)
                .sum(1)
                .map(row -> Tuple2.of(row.f0, Long.toString(row.f1)))
                .returns(Types.TUPLE(Types.STRING, Types.STRING))
                .sinkTo(KafkaEnds.sink(arguments[0], arguments[2]));
        environment.execute("count");
    }
}
