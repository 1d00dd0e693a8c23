package io.kafscale.programs.spark;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * {@code CountJob BOOTSTRAP INPUT OUTPUT DIRECTORY} counts the values of a topic that it has not counted yet, adds them to the
 * counts in its checkpoint, writes the counts that have changed to a topic, and ends.
 */
public final class CountJob {
    private CountJob() {}

    /** See above. */
    public static void main(String[] arguments) throws Exception {
        try (SparkSession spark = SparkSession.builder()
                .appName("count")
                .master("local[2]")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.ui.enabled", "false")
                .config("spark.local.dir", arguments[3] + "/local")
                .config("spark.sql.warehouse.dir", arguments[3] + "/warehouse")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate()) {
            StreamingQuery query = spark.readStream()
                    .format("kafka")
                    .option("kafka.bootstrap.servers", arguments[0])
                    .option("subscribe", arguments[1])
                    .option("startingOffsets", "earliest")
                    .load()
                    .selectExpr("CAST(value AS STRING) AS key")
                    .groupBy("key")
                    .count()
                    .selectExpr("key", "CAST(count AS STRING) AS value")
                    .writeStream()
                    .format("kafka")
                    .option("kafka.bootstrap.servers", arguments[0])
                    .option("topic", arguments[2])
                    .option("checkpointLocation", arguments[3] + "/checkpoint")
                    .outputMode("update")
                    .trigger(Trigger.AvailableNow())
                    .start();
            query.awaitTermination();
        }
    }
}
