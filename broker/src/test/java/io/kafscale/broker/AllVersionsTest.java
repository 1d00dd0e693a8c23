package io.kafscale.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.broker.request.ClusterView;
import io.kafscale.log.LogException;
import io.kafscale.wire.ApiVersionTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every version of every API, from the bytes of a request to the bytes of its answer: a field that does not fit a version of a
 * response only shows when it is written.
 */
class AllVersionsTest {
    private static TestCluster cluster;
    private static TestGroups groups;
    private static RequestRouter router;
    private static Uuid topicId;

    @BeforeAll
    static void start() {
        cluster = new TestCluster(9092);
        groups = new TestGroups(cluster);
        router = new RequestRouter(cluster.context(groups.host.operations()));
        cluster.topic("small", 1, Map.of());
        topicId = ClusterView.toKafka(
                cluster.topic("known", 2, Map.of("retention.ms", "1000")).id());
    }

    @AfterAll
    static void stop() {
        groups.close();
        cluster.close();
    }

    @AfterEach
    void mend() {
        cluster.log.failing = null;
    }

    static Stream<Arguments> all() {
        ApiVersionTable versions = RequestRouter.versions();
        List<Arguments> all = new ArrayList<>();
        for (ServedApi api : ServedApi.values()) {
            for (int v = versions.minVersion(api.key()); v <= versions.maxVersion(api.key()); v++) {
                all.add(Arguments.of(api, v));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("all")
    void isAnsweredInItsOwnShape(ServedApi api, int version) {
        AbstractResponse response =
                TestCluster.call(router, api.key(), version, new VersionedRequests(version, topicId).of(api));
        assertThat(response.errorCounts().keySet())
                .as(response.toString())
                .containsExactlyInAnyOrderElementsOf(expected(api, version));
    }

    private static Set<Errors> expected(ServedApi api, int version) {
        return switch (api) {
            case PRODUCE, FETCH ->
                EnumSet.of(
                        Errors.NONE,
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        version >= 13 ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
            case METADATA ->
                version >= 12
                        ? EnumSet.of(Errors.NONE, Errors.INVALID_TOPIC_EXCEPTION, Errors.UNKNOWN_TOPIC_ID)
                        : EnumSet.of(Errors.NONE, Errors.INVALID_TOPIC_EXCEPTION);
            case OFFSET_COMMIT ->
                EnumSet.of(
                        Errors.NONE,
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        version >= 10 ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
            case OFFSET_FETCH ->
                version >= 10 ? EnumSet.of(Errors.NONE, Errors.UNKNOWN_TOPIC_ID) : EnumSet.of(Errors.NONE);
            case LIST_OFFSETS, DELETE_RECORDS, OFFSET_FOR_LEADER_EPOCH, DESCRIBE_PRODUCERS, DESCRIBE_TOPIC_PARTITIONS ->
                EnumSet.of(Errors.NONE, Errors.UNKNOWN_TOPIC_OR_PARTITION);
            case JOIN_GROUP -> EnumSet.of(version >= 4 ? Errors.MEMBER_ID_REQUIRED : Errors.NONE);
            case HEARTBEAT, SYNC_GROUP -> EnumSet.of(Errors.UNKNOWN_MEMBER_ID);
            case LEAVE_GROUP ->
                version >= 3 ? EnumSet.of(Errors.NONE, Errors.UNKNOWN_MEMBER_ID) : EnumSet.of(Errors.UNKNOWN_MEMBER_ID);
            case DESCRIBE_GROUPS -> version >= 6 ? EnumSet.of(Errors.GROUP_ID_NOT_FOUND) : EnumSet.of(Errors.NONE);
            case DELETE_GROUPS, CONSUMER_GROUP_DESCRIBE -> EnumSet.of(Errors.GROUP_ID_NOT_FOUND);
            case CREATE_TOPICS ->
                EnumSet.of(Errors.NONE, Errors.TOPIC_ALREADY_EXISTS, Errors.INVALID_CONFIG, Errors.INVALID_PARTITIONS);
            case DELETE_TOPICS ->
                version >= 6
                        ? EnumSet.of(Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.UNKNOWN_TOPIC_ID)
                        : EnumSet.of(Errors.UNKNOWN_TOPIC_OR_PARTITION);
            case CREATE_PARTITIONS ->
                EnumSet.of(Errors.NONE, Errors.INVALID_PARTITIONS, Errors.UNKNOWN_TOPIC_OR_PARTITION);
            case DESCRIBE_CONFIGS -> EnumSet.of(Errors.NONE, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.INVALID_REQUEST);
            case ALTER_CONFIGS, INCREMENTAL_ALTER_CONFIGS ->
                EnumSet.of(
                        Errors.NONE,
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        Errors.INVALID_CONFIG, // no such config of a group
                        Errors.INVALID_REQUEST);
            case ELECT_LEADERS ->
                EnumSet.of(Errors.NONE, Errors.ELECTION_NOT_NEEDED, Errors.UNKNOWN_TOPIC_OR_PARTITION);
            case ALTER_REPLICA_LOG_DIRS ->
                EnumSet.of(Errors.NONE, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.LOG_DIR_NOT_FOUND);
            case ALTER_PARTITION_REASSIGNMENTS ->
                EnumSet.of(
                        Errors.NONE,
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        Errors.NO_REASSIGNMENT_IN_PROGRESS,
                        Errors.INVALID_REPLICA_ASSIGNMENT);
            case OFFSET_DELETE -> EnumSet.of(Errors.GROUP_ID_NOT_FOUND);
            case FIND_COORDINATOR,
                    LIST_GROUPS,
                    API_VERSIONS,
                    INIT_PRODUCER_ID,
                    DESCRIBE_LOG_DIRS,
                    LIST_PARTITION_REASSIGNMENTS,
                    DESCRIBE_CLUSTER,
                    LIST_TRANSACTIONS,
                    CONSUMER_GROUP_HEARTBEAT -> EnumSet.of(Errors.NONE);
        };
    }

    static Stream<Arguments> refusedByTheLog() {
        return all().filter(arguments -> Set.of(
                        ServedApi.PRODUCE,
                        ServedApi.FETCH,
                        ServedApi.LIST_OFFSETS,
                        ServedApi.DELETE_RECORDS,
                        ServedApi.OFFSET_FOR_LEADER_EPOCH,
                        ServedApi.DESCRIBE_PRODUCERS)
                .contains((ServedApi) arguments.get()[0]));
    }

    @ParameterizedTest
    @MethodSource("refusedByTheLog")
    void whatTheLogRefusesIsToldInEveryVersion(ServedApi api, int version) {
        for (LogException.Kind kind : LogException.Kind.values()) {
            cluster.log.failing = kind;
            AbstractResponse response =
                    TestCluster.call(router, api.key(), version, new VersionedRequests(version, topicId).of(api));
            // A Fetch response has an error of its own besides those of its partitions.
            int own = api == ServedApi.FETCH ? 1 : 0;
            assertThat(response.errorCounts().getOrDefault(Errors.NONE, 0))
                    .as(kind + " " + response)
                    .isEqualTo(own);
        }
    }

    /** All but the first versions of DescribeLogDirs, which have no room for an error of the request. */
    static Stream<Arguments> ableToFail() {
        return all().filter(arguments -> arguments.get()[0] != ServedApi.DESCRIBE_LOG_DIRS
                || !Set.<Object>of(1, 2).contains(arguments.get()[1]));
    }

    @ParameterizedTest
    @MethodSource("ableToFail")
    void anUnforeseenFailureIsAnErrorInEveryVersion(ServedApi api, int version) {
        ApiKeys key = api.key();
        var context = TestCluster.requestContext(key, (short) version);
        var parsed = AbstractRequest.parseRequest(
                        key,
                        (short) version,
                        MessageUtil.toByteBufferAccessor(
                                new VersionedRequests(version, topicId).of(api), (short) version))
                .request;
        AbstractResponse response =
                ResponseBytes.reread(context, parsed.getErrorResponse(0, new IllegalStateException("unforeseen")));
        assertThat(response.errorCounts()).as(response.toString()).containsKey(Errors.UNKNOWN_SERVER_ERROR);
    }
}
