package io.kafscale.broker;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A request of each API in one version: about the topic {@code known}, which has two partitions, and about others that are not. */
record VersionedRequests(int version, Uuid known) {
    private static final byte TOPIC = ConfigResource.Type.TOPIC.id();
    private static final byte GROUP = ConfigResource.Type.GROUP.id();
    private static final byte CLIENT_METRICS = ConfigResource.Type.CLIENT_METRICS.id();
    private static final Uuid UNKNOWN = new Uuid(1, 2);

    ApiMessage of(ServedApi api) {
        return switch (api) {
            case PRODUCE -> produce();
            case FETCH -> fetch();
            case LIST_OFFSETS -> listOffsets();
            case METADATA -> metadata();
            case OFFSET_COMMIT -> offsetCommit();
            case OFFSET_FETCH -> offsetFetch();
            case FIND_COORDINATOR -> findCoordinator();
            case JOIN_GROUP -> joinGroup();
            case HEARTBEAT -> new HeartbeatRequestData().setGroupId("versions").setMemberId("nobody");
            case LEAVE_GROUP -> leaveGroup();
            case SYNC_GROUP -> syncGroup();
            case DESCRIBE_GROUPS -> describeGroups();
            case LIST_GROUPS -> new ListGroupsRequestData();
            case API_VERSIONS ->
                new ApiVersionsRequestData().setClientSoftwareName("test").setClientSoftwareVersion("1");
            case CREATE_TOPICS -> createTopics();
            case DELETE_TOPICS -> deleteTopics();
            case DELETE_RECORDS -> deleteRecords();
            case INIT_PRODUCER_ID ->
                new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(1000);
            case OFFSET_FOR_LEADER_EPOCH -> leaderEpochs();
            case DESCRIBE_CONFIGS -> describeConfigs();
            case ALTER_CONFIGS -> alterConfigs();
            case DESCRIBE_LOG_DIRS -> new DescribeLogDirsRequestData().setTopics(null);
            case CREATE_PARTITIONS -> createPartitions();
            case DELETE_GROUPS -> new DeleteGroupsRequestData().setGroupsNames(List.of("nowhere"));
            case ELECT_LEADERS -> electLeaders();
            case INCREMENTAL_ALTER_CONFIGS -> incrementalAlterConfigs();
            case ALTER_REPLICA_LOG_DIRS -> alterReplicaLogDirs();
            case ALTER_PARTITION_REASSIGNMENTS -> reassign();
            case LIST_PARTITION_REASSIGNMENTS -> new ListPartitionReassignmentsRequestData().setTopics(null);
            case OFFSET_DELETE -> offsetDelete();
            case DESCRIBE_CLUSTER -> new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true);
            case DESCRIBE_PRODUCERS -> describeProducers();
            case LIST_TRANSACTIONS -> new ListTransactionsRequestData().setStateFilters(List.of("Ongoing", "Odd"));
            case CONSUMER_GROUP_HEARTBEAT -> consumerHeartbeat();
            case CONSUMER_GROUP_DESCRIBE ->
                new ConsumerGroupDescribeRequestData()
                        .setGroupIds(List.of("nowhere"))
                        .setIncludeAuthorizedOperations(true);
            case DESCRIBE_TOPIC_PARTITIONS -> describeTopicPartitions();
        };
    }

    private boolean byId(int from) {
        return version >= from;
    }

    private static MemoryRecords records() {
        return MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(1_000, "key".getBytes(StandardCharsets.UTF_8), new byte[10]));
    }

    private ApiMessage produce() {
        var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1000);
        for (boolean exists : new boolean[] {true, false}) {
            var topic = new ProduceRequestData.TopicProduceData();
            if (byId(13)) {
                topic.setTopicId(exists ? known : UNKNOWN);
            } else {
                topic.setName(exists ? "known" : "unknown");
            }
            for (int index : new int[] {0, 9}) {
                topic.partitionData()
                        .add(new ProduceRequestData.PartitionProduceData()
                                .setIndex(index)
                                .setRecords(records()));
            }
            data.topicData().add(topic);
        }
        return data;
    }

    private ApiMessage fetch() {
        var data = new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setIsolationLevel((byte) 1);
        for (boolean exists : new boolean[] {true, false}) {
            var topic = new FetchRequestData.FetchTopic();
            if (byId(13)) {
                topic.setTopicId(exists ? known : UNKNOWN);
            } else {
                topic.setTopic(exists ? "known" : "unknown");
            }
            for (int index : new int[] {0, 9}) {
                var partition = new FetchRequestData.FetchPartition()
                        .setPartition(index)
                        .setPartitionMaxBytes(1 << 20);
                if (version >= 12) {
                    partition.setLastFetchedEpoch(1);
                }
                topic.partitions().add(partition);
            }
            data.topics().add(topic);
        }
        return data;
    }

    private ApiMessage listOffsets() {
        List<ListOffsetsRequestData.ListOffsetsTopic> topics = List.of(
                new ListOffsetsRequestData.ListOffsetsTopic()
                        .setName("known")
                        .setPartitions(List.of(
                                new ListOffsetsRequestData.ListOffsetsPartition()
                                        .setPartitionIndex(0)
                                        .setTimestamp(-1),
                                new ListOffsetsRequestData.ListOffsetsPartition()
                                        .setPartitionIndex(1)
                                        .setTimestamp(0))),
                new ListOffsetsRequestData.ListOffsetsTopic()
                        .setName("unknown")
                        .setPartitions(List.of(new ListOffsetsRequestData.ListOffsetsPartition().setTimestamp(-2))));
        return new ListOffsetsRequestData().setReplicaId(-1).setTopics(topics);
    }

    private ApiMessage metadata() {
        var data = new MetadataRequestData();
        data.topics().add(new MetadataRequestData.MetadataRequestTopic().setName("known"));
        data.topics().add(new MetadataRequestData.MetadataRequestTopic().setName("not/legal"));
        if (version >= 12) {
            data.topics()
                    .add(new MetadataRequestData.MetadataRequestTopic()
                            .setName("")
                            .setTopicId(known));
            data.topics()
                    .add(new MetadataRequestData.MetadataRequestTopic()
                            .setName(null)
                            .setTopicId(UNKNOWN));
        }
        if (version >= 8) {
            data.setIncludeTopicAuthorizedOperations(true).setIncludeClusterAuthorizedOperations(version <= 10);
        }
        return data;
    }

    private ApiMessage offsetCommit() {
        var data = new OffsetCommitRequestData().setGroupId("commits");
        for (boolean exists : new boolean[] {true, false}) {
            var topic = new OffsetCommitRequestData.OffsetCommitRequestTopic();
            if (byId(10)) {
                topic.setTopicId(exists ? known : UNKNOWN);
            } else {
                topic.setName(exists ? "known" : "unknown");
            }
            for (int index : new int[] {0, 9}) {
                topic.partitions()
                        .add(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(index)
                                .setCommittedOffset(5)
                                .setCommittedMetadata("note"));
            }
            data.topics().add(topic);
        }
        return data;
    }

    private ApiMessage offsetFetch() {
        if (version < 8) {
            return new OffsetFetchRequestData()
                    .setGroupId("fetches")
                    .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic()
                            .setName("known")
                            .setPartitionIndexes(List.of(0, 1))));
        }
        var group = new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId("fetches");
        for (boolean exists : new boolean[] {true, false}) {
            var topic = new OffsetFetchRequestData.OffsetFetchRequestTopics().setPartitionIndexes(List.of(0));
            group.topics()
                    .add(
                            byId(10)
                                    ? topic.setTopicId(exists ? known : UNKNOWN)
                                    : topic.setName(exists ? "known" : "unknown"));
        }
        var everything = new OffsetFetchRequestData.OffsetFetchRequestGroup()
                .setGroupId("commits")
                .setTopics(null);
        return new OffsetFetchRequestData().setGroups(List.of(group, everything));
    }

    private ApiMessage findCoordinator() {
        var data = new FindCoordinatorRequestData();
        return version >= 4 ? data.setCoordinatorKeys(List.of("versions", "other")) : data.setKey("versions");
    }

    private ApiMessage joinGroup() {
        var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                .setName("range")
                .setMetadata(new byte[] {0, 1}));
        return new JoinGroupRequestData()
                .setGroupId("joins-" + version)
                .setSessionTimeoutMs(10_000)
                .setRebalanceTimeoutMs(version >= 1 ? 10_000 : -1)
                .setProtocolType("consumer")
                .setProtocols(protocols);
    }

    private ApiMessage leaveGroup() {
        var data = new LeaveGroupRequestData().setGroupId("versions");
        return version >= 3
                ? data.setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId("nobody")))
                : data.setMemberId("nobody");
    }

    private ApiMessage syncGroup() {
        var data = new SyncGroupRequestData()
                .setGroupId("versions")
                .setGenerationId(1)
                .setMemberId("nobody");
        return version >= 5 ? data.setProtocolType("consumer").setProtocolName("range") : data;
    }

    private ApiMessage describeGroups() {
        var data = new DescribeGroupsRequestData().setGroups(List.of("described"));
        return version >= 3 ? data.setIncludeAuthorizedOperations(true) : data;
    }

    private ApiMessage createTopics() {
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(creatable("made-" + version, 1, "retention.ms", "1000"));
        topics.add(creatable("known", 1, "retention.ms", "1000"));
        topics.add(creatable("odd", 1, "compression.type", "gzip"));
        topics.add(creatable("none", 0, "retention.ms", "1000"));
        return new CreateTopicsRequestData().setTimeoutMs(10_000).setTopics(topics);
    }

    private static CreateTopicsRequestData.CreatableTopic creatable(
            String name, int partitions, String config, String value) {
        var configs = new CreateTopicsRequestData.CreatableTopicConfigCollection();
        configs.add(new CreateTopicsRequestData.CreatableTopicConfig()
                .setName(config)
                .setValue(value));
        return new CreateTopicsRequestData.CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) 3)
                .setConfigs(configs);
    }

    private ApiMessage deleteTopics() {
        var data = new DeleteTopicsRequestData().setTimeoutMs(10_000);
        return version >= 6
                ? data.setTopics(List.of(
                        new DeleteTopicsRequestData.DeleteTopicState().setName("unknown"),
                        new DeleteTopicsRequestData.DeleteTopicState()
                                .setName(null)
                                .setTopicId(UNKNOWN)))
                : data.setTopicNames(List.of("unknown"));
    }

    private ApiMessage deleteRecords() {
        return new DeleteRecordsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(List.of(new DeleteRecordsRequestData.DeleteRecordsTopic()
                        .setName("known")
                        .setPartitions(List.of(
                                new DeleteRecordsRequestData.DeleteRecordsPartition()
                                        .setPartitionIndex(1)
                                        .setOffset(-1),
                                new DeleteRecordsRequestData.DeleteRecordsPartition().setPartitionIndex(9)))));
    }

    private ApiMessage leaderEpochs() {
        var topics = new OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection();
        topics.add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                .setTopic("known")
                .setPartitions(List.of(
                        new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(0),
                        new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(9))));
        return new OffsetForLeaderEpochRequestData().setReplicaId(-1).setTopics(topics);
    }

    private ApiMessage describeConfigs() {
        return new DescribeConfigsRequestData()
                .setIncludeSynonyms(true)
                .setIncludeDocumentation(version >= 3)
                .setResources(List.of(
                        describable(TOPIC, "known"),
                        describable(TOPIC, "unknown"),
                        describable(GROUP, "versions"),
                        describable(CLIENT_METRICS, "none")));
    }

    private static DescribeConfigsRequestData.DescribeConfigsResource describable(byte type, String name) {
        return new DescribeConfigsRequestData.DescribeConfigsResource()
                .setResourceType(type)
                .setResourceName(name)
                .setConfigurationKeys(null);
    }

    private ApiMessage alterConfigs() {
        var resources = new AlterConfigsRequestData.AlterConfigsResourceCollection();
        for (byte type : new byte[] {TOPIC, GROUP, CLIENT_METRICS}) {
            for (String name : List.of("known", "unknown")) {
                var configs = new AlterConfigsRequestData.AlterableConfigCollection();
                configs.add(new AlterConfigsRequestData.AlterableConfig()
                        .setName("retention.ms")
                        .setValue("2000"));
                resources.add(new AlterConfigsRequestData.AlterConfigsResource()
                        .setResourceType(type)
                        .setResourceName(name)
                        .setConfigs(configs));
            }
        }
        return new AlterConfigsRequestData().setResources(resources);
    }

    private ApiMessage incrementalAlterConfigs() {
        var resources = new IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection();
        for (byte type : new byte[] {TOPIC, GROUP, CLIENT_METRICS}) {
            for (String name : List.of("known", "unknown")) {
                var configs = new IncrementalAlterConfigsRequestData.AlterableConfigCollection();
                configs.add(new IncrementalAlterConfigsRequestData.AlterableConfig()
                        .setName("retention.ms")
                        .setValue("3000"));
                resources.add(new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                        .setResourceType(type)
                        .setResourceName(name)
                        .setConfigs(configs));
            }
        }
        return new IncrementalAlterConfigsRequestData().setResources(resources);
    }

    private ApiMessage createPartitions() {
        var topics = new CreatePartitionsRequestData.CreatePartitionsTopicCollection();
        topics.add(growth("known", 5));
        topics.add(growth("small", 1));
        topics.add(growth("unknown", 1));
        return new CreatePartitionsRequestData()
                .setTimeoutMs(10_000)
                .setValidateOnly(true)
                .setTopics(topics);
    }

    private static CreatePartitionsRequestData.CreatePartitionsTopic growth(String name, int count) {
        return new CreatePartitionsRequestData.CreatePartitionsTopic()
                .setName(name)
                .setCount(count)
                .setAssignments(null);
    }

    private ApiMessage electLeaders() {
        var topics = new ElectLeadersRequestData.TopicPartitionsCollection();
        topics.add(
                new ElectLeadersRequestData.TopicPartitions().setTopic("known").setPartitions(List.of(0, 9)));
        return new ElectLeadersRequestData().setTimeoutMs(1000).setTopicPartitions(topics);
    }

    private static ApiMessage alterReplicaLogDirs() {
        var data = new AlterReplicaLogDirsRequestData();
        for (String path : new String[] {"memory:", "/elsewhere"}) {
            var topics = new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopicCollection();
            topics.add(new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic()
                    .setName("known")
                    .setPartitions(List.of(0, 9)));
            data.dirs()
                    .add(new AlterReplicaLogDirsRequestData.AlterReplicaLogDir()
                            .setPath(path)
                            .setTopics(topics));
        }
        return data;
    }

    private static ApiMessage reassign() {
        List<AlterPartitionReassignmentsRequestData.ReassignablePartition> partitions = List.of(
                new AlterPartitionReassignmentsRequestData.ReassignablePartition()
                        .setPartitionIndex(0)
                        .setReplicas(List.of(TestCluster.NODE)),
                new AlterPartitionReassignmentsRequestData.ReassignablePartition()
                        .setPartitionIndex(1)
                        .setReplicas(List.of(77)),
                new AlterPartitionReassignmentsRequestData.ReassignablePartition()
                        .setPartitionIndex(1)
                        .setReplicas(null),
                new AlterPartitionReassignmentsRequestData.ReassignablePartition().setPartitionIndex(9));
        return new AlterPartitionReassignmentsRequestData()
                .setTopics(List.of(new AlterPartitionReassignmentsRequestData.ReassignableTopic()
                        .setName("known")
                        .setPartitions(partitions)));
    }

    private ApiMessage offsetDelete() {
        var topics = new OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection();
        topics.add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic()
                .setName("known")
                .setPartitions(List.of(new OffsetDeleteRequestData.OffsetDeleteRequestPartition())));
        return new OffsetDeleteRequestData().setGroupId("nowhere").setTopics(topics);
    }

    private ApiMessage describeProducers() {
        return new DescribeProducersRequestData()
                .setTopics(List.of(new DescribeProducersRequestData.TopicRequest()
                        .setName("known")
                        .setPartitionIndexes(List.of(0, 9))));
    }

    private ApiMessage consumerHeartbeat() {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId("modern-" + version)
                .setMemberId(version >= 1 ? Uuid.randomUuid().toString() : "")
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(10_000)
                .setSubscribedTopicNames(List.of("known"))
                .setTopicPartitions(List.of());
    }

    private ApiMessage describeTopicPartitions() {
        return new DescribeTopicPartitionsRequestData()
                .setTopics(List.of(
                        new DescribeTopicPartitionsRequestData.TopicRequest().setName("known"),
                        new DescribeTopicPartitionsRequestData.TopicRequest().setName("unknown")));
    }
}
