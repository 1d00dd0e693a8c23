package io.kafscale.broker.group;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.RequestContext;

/** Answers OffsetFetch for one group or, from version 8 on, for many. A partition without a committed offset gets -1. */
public final class OffsetFetchHandler {
    private final BrokerContext broker;

    /** A handler over the broker's coordinator. */
    public OffsetFetchHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers each group on its own. */
    public CompletableFuture<OffsetFetchResponse> handle(RequestContext context, OffsetFetchRequest request) {
        List<CompletableFuture<OffsetFetchResponseGroup>> groups = request.groups().stream()
                .map(group -> OffsetFetchRequest.requestAllOffsets(group)
                        ? fetchAll(context, group, request.requireStable())
                        : fetch(context, group, request.requireStable()))
                .toList();
        return CompletableFuture.allOf(groups.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> new OffsetFetchResponse.Builder(
                                groups.stream().map(CompletableFuture::join).toList())
                        .build(context.apiVersion()));
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetchAll(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        return broker.groups()
                .fetchOffsets(context, group, requireStable)
                .thenApply(answer ->
                        answer.errorCode() == Errors.NONE.code() && OffsetFetchRequest.useTopicIds(context.apiVersion())
                                ? withIds(broker.cluster(), answer)
                                : answer);
    }

    /** A topic whose id nobody knows any more cannot be told to a client that knows topics by id. */
    private static OffsetFetchResponseGroup withIds(ClusterView cluster, OffsetFetchResponseGroup answer) {
        List<OffsetFetchResponseTopics> topics = new ArrayList<>();
        for (OffsetFetchResponseTopics topic : answer.topics()) {
            if (topic.topicId().equals(Uuid.ZERO_UUID)) {
                cluster.topic(topic.name()).ifPresent(known -> topic.setTopicId(ClusterView.toKafka(known.id())));
            }
            if (!topic.topicId().equals(Uuid.ZERO_UUID)) {
                topics.add(topic);
            }
        }
        return answer.setTopics(topics);
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetch(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        List<OffsetFetchRequestTopics> known = new ArrayList<>();
        List<OffsetFetchResponseTopics> unknown = new ArrayList<>();
        boolean byId = OffsetFetchRequest.useTopicIds(context.apiVersion());
        ClusterView cluster = broker.cluster();
        for (OffsetFetchRequestTopics topic : group.topics()) {
            if (byId) {
                Optional<TopicRecord> record = cluster.topic(topic.topicId());
                if (record.isEmpty()) {
                    unknown.add(unknown(topic));
                    continue;
                }
                topic.setName(record.get().name());
            }
            known.add(topic);
        }
        var request = new OffsetFetchRequestGroup()
                .setGroupId(group.groupId())
                .setMemberId(group.memberId())
                .setMemberEpoch(group.memberEpoch())
                .setTopics(known);
        return broker.groups().fetchOffsets(context, request, requireStable).thenApply(answer -> {
            if (answer.errorCode() != Errors.NONE.code()) {
                return answer;
            }
            List<OffsetFetchResponseTopics> topics = new ArrayList<>(answer.topics());
            topics.addAll(unknown);
            return answer.setTopics(topics);
        });
    }

    private static OffsetFetchResponseTopics unknown(OffsetFetchRequestTopics topic) {
        return new OffsetFetchResponseTopics()
                .setTopicId(topic.topicId())
                .setName(topic.name())
                .setPartitions(topic.partitionIndexes().stream()
                        .map(partition -> new OffsetFetchResponsePartitions()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(OffsetFetchResponse.INVALID_OFFSET)
                                .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()))
                        .toList());
    }
}
