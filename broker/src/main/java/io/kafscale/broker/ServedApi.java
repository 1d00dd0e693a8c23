package io.kafscale.broker;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs this broker serves, each in every version that the protocol library can parse, and what is particular about it here. */
public enum ServedApi {
    /** Appends records. */
    PRODUCE(
            ApiKeys.PRODUCE,
            "`acks=all` is answered when the object store holds the records, `acks=1` when offsets are assigned (in memory)."
                    + " With `acks=all`, records that are not there within the request's timeout are answered"
                    + " REQUEST_TIMED_OUT and stored all the same, even if the timeout is 0."
                    + " Transactional producers get TRANSACTIONAL_ID_AUTHORIZATION_FAILED."),
    /** Reads records. */
    FETCH(
            ApiKeys.FETCH,
            "Incremental fetch sessions are declined (session id 0). The last stable offset is the high watermark: there are no"
                    + " transactions. Rack-aware fetching is not needed: the preferred replica is never another one."),
    /** Looks up offsets. */
    LIST_OFFSETS(
            ApiKeys.LIST_OFFSETS,
            "Earliest, latest, largest timestamp, by time. Earliest-local is the log start offset; the other offsets of tiered"
                    + " storage are -1, as in Kafka without it."),
    /** Topics and brokers. */
    METADATA(ApiKeys.METADATA, "By name and by id; unknown topics are created where broker and client allow it."),
    /** Commits group offsets. */
    OFFSET_COMMIT(ApiKeys.OFFSET_COMMIT, "By topic name, and by id from version 10."),
    /** Reads committed offsets. */
    OFFSET_FETCH(ApiKeys.OFFSET_FETCH, "Many groups at a time from version 8, topic ids from version 10."),
    /** Where a group is coordinated. */
    FIND_COORDINATOR(
            ApiKeys.FIND_COORDINATOR,
            "Groups only, by the plan. For a transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, which clients take as final."),
    /** Classic group membership. */
    JOIN_GROUP(ApiKeys.JOIN_GROUP, "Kafka's own group coordinator."),
    /** Classic group membership. */
    HEARTBEAT(ApiKeys.HEARTBEAT, "Kafka's own group coordinator."),
    /** Group membership. */
    LEAVE_GROUP(ApiKeys.LEAVE_GROUP, "Kafka's own group coordinator."),
    /** Classic group membership. */
    SYNC_GROUP(ApiKeys.SYNC_GROUP, "Kafka's own group coordinator."),
    /** Describes classic groups. */
    DESCRIBE_GROUPS(ApiKeys.DESCRIBE_GROUPS, "Kafka's own group coordinator."),
    /** Lists groups. */
    LIST_GROUPS(ApiKeys.LIST_GROUPS, "Kafka's own group coordinator; those that this broker coordinates."),
    /** Which APIs and versions are served. */
    API_VERSIONS(
            ApiKeys.API_VERSIONS,
            "Produce is shown from version 0, which librdkafka looks for; 3 and later are served."),
    /** Creates topics. */
    CREATE_TOPICS(
            ApiKeys.CREATE_TOPICS,
            "Answered when the topic can be used. Any replication factor and assignment is accepted; one replica is reported."),
    /** Deletes topics. */
    DELETE_TOPICS(ApiKeys.DELETE_TOPICS, "By name, and by id from version 6."),
    /** Deletes records from the beginning of partitions. */
    DELETE_RECORDS(ApiKeys.DELETE_RECORDS, "Not for topics that are only compacted: POLICY_VIOLATION, as in Kafka."),
    /** Ids for idempotent producers. */
    INIT_PRODUCER_ID(
            ApiKeys.INIT_PRODUCER_ID,
            "Idempotence only. With a transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED."),
    /** Where leader epochs end. */
    OFFSET_FOR_LEADER_EPOCH(ApiKeys.OFFSET_FOR_LEADER_EPOCH, ""),
    /** Reads configs. */
    DESCRIBE_CONFIGS(ApiKeys.DESCRIBE_CONFIGS, "Topics, consumer groups and, read-only, brokers."),
    /** Replaces configs. */
    ALTER_CONFIGS(
            ApiKeys.ALTER_CONFIGS, "Topics and consumer groups: settings of brokers come from their configuration."),
    /** Moves partitions between directories. */
    ALTER_REPLICA_LOG_DIRS(
            ApiKeys.ALTER_REPLICA_LOG_DIRS,
            "To the one log directory there is, where everything is already; others get LOG_DIR_NOT_FOUND."),
    /** Sizes of partitions. */
    DESCRIBE_LOG_DIRS(
            ApiKeys.DESCRIBE_LOG_DIRS,
            "One log directory, named by the URI of the object store, with the partitions that this broker leads."),
    /** Adds partitions. */
    CREATE_PARTITIONS(ApiKeys.CREATE_PARTITIONS, "Answered when the new partitions can be used."),
    /** Deletes groups. */
    DELETE_GROUPS(ApiKeys.DELETE_GROUPS, "Kafka's own group coordinator."),
    /** Elects leaders. */
    ELECT_LEADERS(
            ApiKeys.ELECT_LEADERS,
            "Leaders follow from the live brokers by themselves: ELECTION_NOT_NEEDED for a partition that is led as planned,"
                    + " PREFERRED_LEADER_NOT_AVAILABLE for one that is about to be."),
    /** Changes configs. */
    INCREMENTAL_ALTER_CONFIGS(
            ApiKeys.INCREMENTAL_ALTER_CONFIGS,
            "Topics and consumer groups: settings of brokers come from their configuration. Throttles of replication are accepted for brokers, too,"
                    + " and change nothing: brokers copy nothing from each other."),
    /** Moves partitions to other brokers. */
    ALTER_PARTITION_REASSIGNMENTS(
            ApiKeys.ALTER_PARTITION_REASSIGNMENTS,
            "A partition has one replica, its leader: assigning it to a broker pins its leadership there; cancelling leaves it to the"
                    + " plan again, also when it has arrived."),
    /** Lists reassignments. */
    LIST_PARTITION_REASSIGNMENTS(
            ApiKeys.LIST_PARTITION_REASSIGNMENTS,
            "The partitions that are not led yet by the broker they are pinned to."),
    /** Deletes committed offsets. */
    OFFSET_DELETE(ApiKeys.OFFSET_DELETE, "Kafka's own group coordinator."),
    /** Brokers and cluster id. */
    DESCRIBE_CLUSTER(ApiKeys.DESCRIBE_CLUSTER, "Brokers; there are no controllers to describe."),
    /** Idempotent producers of partitions. */
    DESCRIBE_PRODUCERS(ApiKeys.DESCRIBE_PRODUCERS, ""),
    /** Lists transactions. */
    LIST_TRANSACTIONS(ApiKeys.LIST_TRANSACTIONS, "There never are any."),
    /** KIP-848 group membership. */
    CONSUMER_GROUP_HEARTBEAT(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "Kafka's own group coordinator."),
    /** Describes KIP-848 groups. */
    CONSUMER_GROUP_DESCRIBE(ApiKeys.CONSUMER_GROUP_DESCRIBE, "Kafka's own group coordinator."),
    /** Describes topics page by page. */
    DESCRIBE_TOPIC_PARTITIONS(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "Up to 2000 partitions at a time.");

    private static final Map<ApiKeys, ServedApi> BY_KEY =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ServedApi::key, api -> api));

    private final ApiKeys key;
    private final String note;

    ServedApi(ApiKeys key, String note) {
        this.key = key;
        this.note = note;
    }

    /** Kafka's name of it. */
    public ApiKeys key() {
        return key;
    }

    /** What is particular about it here, as Markdown; may be empty. */
    public String note() {
        return note;
    }

    /** The keys of all. */
    public static Set<ApiKeys> keys() {
        return BY_KEY.keySet();
    }

    /**
     * The API of a request.
     *
     * @throws UnsupportedVersionException if it is not served
     */
    static ServedApi of(ApiKeys key) {
        ServedApi api = BY_KEY.get(key);
        if (api == null) {
            throw new UnsupportedVersionException("The API " + key + " is not served");
        }
        return api;
    }
}
