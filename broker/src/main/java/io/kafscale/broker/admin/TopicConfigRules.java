package io.kafscale.broker.admin;

import static io.kafscale.broker.admin.TopicConfigRule.Treatment.BY_CONSTRUCTION;
import static io.kafscale.broker.admin.TopicConfigRule.Treatment.DEFAULT_ONLY;
import static io.kafscale.broker.admin.TopicConfigRule.Treatment.HONOURED;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.server.config.QuotaConfig;

/** The table of Kafka's topic configs and what becomes of each here. Stateless. */
public final class TopicConfigRules {
    private static final String LOCAL_FILES = "Tunes files on a broker's disk. There are none.";
    private static final String NOT_TIERED = "Every topic lives in the object store already; there is no second tier.";
    private static final String NEVER_RECOMPRESSED =
            "Batches are stored as the producer compressed them and never recompressed; set compression at the producer.";
    private static final String NO_REPLICATION =
            "There is no replication between brokers, so it stays below every throttle.";
    private static final String KEEP_ALL = "A compacted topic keeps everything, which is a legal compaction.";
    private static final String PACED =
            "Flushes follow wal.flush.rate. acks=all is acknowledged only when flushed; there is no fsync to tune.";

    /** Every topic config that clients may know, by name. */
    public static final List<TopicConfigRule> ALL = List.of(
            honoured(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    "delete, compact or both. Compacted topics keep everything and refuse records without a key."),
            defaultOnly(TopicConfig.COMPRESSION_GZIP_LEVEL_CONFIG, NEVER_RECOMPRESSED),
            defaultOnly(TopicConfig.COMPRESSION_LZ4_LEVEL_CONFIG, NEVER_RECOMPRESSED),
            defaultOnly(TopicConfig.COMPRESSION_TYPE_CONFIG, NEVER_RECOMPRESSED),
            defaultOnly(TopicConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, NEVER_RECOMPRESSED),
            byConstruction(TopicConfig.DELETE_RETENTION_MS_CONFIG, KEEP_ALL + " Tombstones are kept for longer."),
            byConstruction(TopicConfig.FILE_DELETE_DELAY_MS_CONFIG, LOCAL_FILES),
            defaultOnly(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, PACED),
            defaultOnly(TopicConfig.FLUSH_MS_CONFIG, PACED),
            byConstruction(QuotaConfig.FOLLOWER_REPLICATION_THROTTLED_REPLICAS_CONFIG, NO_REPLICATION),
            byConstruction(TopicConfig.INDEX_INTERVAL_BYTES_CONFIG, LOCAL_FILES),
            byConstruction(QuotaConfig.LEADER_REPLICATION_THROTTLED_REPLICAS_CONFIG, NO_REPLICATION),
            defaultOnly(TopicConfig.LOCAL_LOG_RETENTION_BYTES_CONFIG, NOT_TIERED),
            defaultOnly(TopicConfig.LOCAL_LOG_RETENTION_MS_CONFIG, NOT_TIERED),
            defaultOnly(
                    TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG,
                    "A compacted topic keeps everything: no record is sure to be gone after a time."),
            honoured(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "The largest record batch, as the producer compressed it."),
            honoured(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, "Records from further ahead are refused."),
            honoured(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, "Older records are refused."),
            honoured(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime or LogAppendTime."),
            byConstruction(TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, KEEP_ALL),
            byConstruction(TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG, KEEP_ALL),
            byConstruction(
                    TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                    "Records acknowledged with acks=all are in the object store, whose durability takes the place of replicas."),
            byConstruction(TopicConfig.PREALLOCATE_CONFIG, LOCAL_FILES),
            defaultOnly(TopicConfig.REMOTE_LOG_COPY_DISABLE_CONFIG, NOT_TIERED),
            defaultOnly(TopicConfig.REMOTE_LOG_DELETE_ON_DISABLE_CONFIG, NOT_TIERED),
            defaultOnly(TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG, NOT_TIERED),
            honoured(TopicConfig.RETENTION_BYTES_CONFIG, "Per partition; whole segments are deleted."),
            honoured(TopicConfig.RETENTION_MS_CONFIG, "Whole segments are deleted."),
            honoured(TopicConfig.SEGMENT_BYTES_CONFIG, "Records waiting in the WAL become a segment at this size."),
            byConstruction(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG, LOCAL_FILES),
            byConstruction(
                    TopicConfig.SEGMENT_JITTER_MS_CONFIG,
                    "Spreads the rolling of segments over time; the segment writer's own budget does."),
            honoured(TopicConfig.SEGMENT_MS_CONFIG, "Records waiting in the WAL become a segment at this age."),
            byConstruction(
                    TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                    "No election is ever unclean: a new leader reads everything that was acknowledged."));

    private static final Map<String, TopicConfigRule> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(TopicConfigRule::name, rule -> rule));

    private TopicConfigRules() {}

    /** The rules by the name of the config. */
    public static Map<String, TopicConfigRule> byName() {
        return BY_NAME;
    }

    private static TopicConfigRule honoured(String name, String note) {
        return new TopicConfigRule(name, HONOURED, note);
    }

    private static TopicConfigRule byConstruction(String name, String note) {
        return new TopicConfigRule(name, BY_CONSTRUCTION, note);
    }

    private static TopicConfigRule defaultOnly(String name, String note) {
        return new TopicConfigRule(name, DEFAULT_ONLY, note);
    }
}
