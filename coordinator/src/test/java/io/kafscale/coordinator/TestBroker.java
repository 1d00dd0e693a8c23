package io.kafscale.coordinator;

import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.runtime.ThreadEventLoop;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** A broker without sockets: a host of the group coordinator, and the requests clients would send. Thread-safe. */
class TestBroker implements AutoCloseable {
    static final int SHARDS = 4;
    static final int DEADLINE_SECONDS = 20;

    /** Nobody took anything, nobody is over. */
    static final BrokerIncarnations UNDISTURBED = new BrokerIncarnations() {
        @Override
        public boolean mayAnswer(BrokerIncarnation own) {
            return true;
        }

        @Override
        public boolean isOver(BrokerIncarnation other) {
            return false;
        }
    };

    private static final AtomicLong EPOCHS = new AtomicLong();

    final ThreadEventLoop loop;
    final GroupCoordinatorHost host;
    final List<ShardLostException> losses = new CopyOnWriteArrayList<>();
    final List<Throwable> loopFailures = new CopyOnWriteArrayList<>();
    volatile boolean mayAnswer = true;

    /** By default, whoever owns a shard may be robbed of it, as if it were dead. */
    volatile Predicate<BrokerIncarnation> over = other -> true;

    volatile BrokerIncarnation incarnation;

    private final class Known implements BrokerIncarnations {
        @Override
        public boolean mayAnswer(BrokerIncarnation own) {
            return mayAnswer && own.equals(incarnation);
        }

        @Override
        public boolean isOver(BrokerIncarnation other) {
            return over.test(other);
        }
    }

    private TestBroker(int node, MetadataStore store, GroupCoordinatorSettings settings, CoordinatorClock clock) {
        this(new BrokerIncarnation(node, EPOCHS.incrementAndGet()), store, settings, clock);
    }

    TestBroker(
            BrokerIncarnation first, MetadataStore store, GroupCoordinatorSettings settings, CoordinatorClock clock) {
        incarnation = first;
        int node = first.brokerId();
        loop = new ThreadEventLoop("groups-" + node, (name, failure) -> loopFailures.add(failure));
        host = new GroupCoordinatorHost(
                new GroupCoordinatorHost.Identity(node, new MetadataKeys("test"), SHARDS),
                settings,
                new GroupCoordinatorHost.Collaborators(store, loop, new SplittableRandom(), new Known(), this::lost),
                clock);
    }

    /** On the loop. */
    void lost(int shard, ShardLostException why) {
        losses.add(why);
    }

    static TestBroker start(int node, MetadataStore store) {
        return new TestBroker(node, store, quick(), CoordinatorClock.system());
    }

    static TestBroker start(int node, MetadataStore store, ManualClock clock) {
        return new TestBroker(node, store, quick(), clock.clock());
    }

    /** A broker that knows {@code topics} and leads every shard. */
    static TestBroker leader(int node, MetadataStore store, GroupTopic... topics) {
        TestBroker broker = start(node, store);
        broker.publish(1, topics);
        broker.acquireAll();
        return broker;
    }

    /** Settings under which nothing waits that a test would wait for. */
    static GroupCoordinatorSettings quick() {
        var defaults = GroupCoordinatorSettings.defaults();
        return new GroupCoordinatorSettings(
                2,
                1,
                defaults.queuedWriteBytes(),
                Duration.ofSeconds(2),
                defaults.offsets(),
                new GroupCoordinatorSettings.ClassicGroups(
                        Duration.ofSeconds(1), Duration.ofMinutes(30), Duration.ZERO, 100),
                new GroupCoordinatorSettings.ConsumerGroups(
                        defaults.consumer().sessionTimeout(),
                        defaults.consumer().heartbeatInterval(),
                        Duration.ZERO,
                        100,
                        defaults.consumer().assignors(),
                        defaults.consumer().migrationPolicy()));
    }

    void publish(long revision, GroupTopic... topics) {
        await(host.publishTopics(revision, List.of(topics)));
    }

    void acquireAll() {
        IntStream.range(0, SHARDS).mapToObj(this::acquire).toList().forEach(TestBroker::await);
    }

    CompletableFuture<Void> acquire(int shard) {
        return host.acquire(shard, incarnation);
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException e) {
            throw new AssertionError("no answer", e);
        }
    }

    /** Waits for a condition that another thread brings about. */
    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain until " + what);
            }
            LockSupport.parkNanos(100_000);
        }
    }

    static RequestContext context(ApiKeys api) {
        return context(api, api.latestVersion());
    }

    static RequestContext context(ApiKeys api, short version) {
        return new RequestContext(
                new RequestHeader(api, version, "client", 1),
                "connection",
                InetAddress.getLoopbackAddress(),
                KafkaPrincipal.ANONYMOUS,
                ListenerName.normalised("PLAINTEXT"),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
    }

    CompletableFuture<JoinGroupResponseData> join(String group, String member, @Nullable String instance) {
        var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                .setName("range")
                .setMetadata(Utils.toArray(ConsumerProtocol.serializeSubscription(
                        new ConsumerPartitionAssignor.Subscription(List.of("orders"))))));
        return host.operations()
                .joinGroup(
                        context(ApiKeys.JOIN_GROUP),
                        new JoinGroupRequestData()
                                .setGroupId(group)
                                .setMemberId(member)
                                .setGroupInstanceId(instance)
                                .setProtocolType("consumer")
                                .setProtocols(protocols)
                                .setSessionTimeoutMs(30_000)
                                .setRebalanceTimeoutMs(30_000));
    }

    /** Joins as a client does that has no member id yet. */
    CompletableFuture<JoinGroupResponseData> joinFresh(String group) {
        return join(group, "", null).thenCompose(first -> {
            if (first.errorCode() != Errors.MEMBER_ID_REQUIRED.code()) {
                throw new AssertionError("expected to be given a member id: " + first);
            }
            return join(group, first.memberId(), null);
        });
    }

    CompletableFuture<SyncGroupResponseData> sync(
            String group, JoinGroupResponseData joined, Collection<String> assignedByLeader) {
        var assignments = assignedByLeader.stream()
                .map(member -> new SyncGroupRequestData.SyncGroupRequestAssignment()
                        .setMemberId(member)
                        .setAssignment(member.getBytes(StandardCharsets.UTF_8)))
                .toList();
        return host.operations()
                .syncGroup(
                        context(ApiKeys.SYNC_GROUP),
                        new SyncGroupRequestData()
                                .setGroupId(group)
                                .setMemberId(joined.memberId())
                                .setGenerationId(joined.generationId())
                                .setProtocolType("consumer")
                                .setProtocolName("range")
                                .setAssignments(assignments));
    }

    Errors heartbeat(String group, String member, int generation) {
        return Errors.forCode(await(host.operations()
                        .heartbeat(
                                context(ApiKeys.HEARTBEAT),
                                new HeartbeatRequestData()
                                        .setGroupId(group)
                                        .setMemberId(member)
                                        .setGenerationId(generation)))
                .errorCode());
    }

    /** Commits outside of any generation, as a simple consumer does. */
    CompletableFuture<Errors> commit(String group, GroupTopic topic, int partition, long offset) {
        return commit(group, "", -1, topic, partition, offset);
    }

    CompletableFuture<Errors> commit(
            String group, String member, int generation, GroupTopic topic, int partition, long offset) {
        return commitAll(group, member, generation, topic, List.of(partition), offset)
                .thenApply(answer -> Errors.forCode(
                        answer.topics().getFirst().partitions().getFirst().errorCode()));
    }

    CompletableFuture<OffsetCommitResponseData> commitAll(
            String group,
            String member,
            int generation,
            GroupTopic topic,
            Collection<Integer> partitions,
            long offset) {
        var request = new OffsetCommitRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setGenerationIdOrMemberEpoch(generation);
        request.topics()
                .add(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(topic.name())
                        .setPartitions(partitions.stream()
                                .map(partition -> new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                        .setPartitionIndex(partition)
                                        .setCommittedOffset(offset))
                                .toList()));
        return host.operations().commitOffsets(context(ApiKeys.OFFSET_COMMIT, (short) 9), request);
    }

    OffsetFetchResponseData.OffsetFetchResponseGroup fetch(
            String group, GroupTopic topic, Collection<Integer> partitions, boolean requireStable) {
        var request = new OffsetFetchRequestData.OffsetFetchRequestGroup()
                .setGroupId(group)
                .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                        .setName(topic.name())
                        .setPartitionIndexes(List.copyOf(partitions))));
        return await(host.operations().fetchOffsets(context(ApiKeys.OFFSET_FETCH, (short) 9), request, requireStable));
    }

    /** The committed offset of a partition, -1 if there is none. */
    long committed(String group, GroupTopic topic, int partition) {
        var answer = fetch(group, topic, List.of(partition), false);
        if (answer.errorCode() != 0) {
            throw new AssertionError("fetching the offset failed: " + Errors.forCode(answer.errorCode()));
        }
        return answer.topics().getFirst().partitions().getFirst().committedOffset();
    }

    @Override
    public void close() {
        host.close();
        loop.close();
        if (!loopFailures.isEmpty()) {
            throw new AssertionError("the loop failed", loopFailures.getFirst());
        }
    }
}
