package io.kafscale.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.BrokerSettings;
import io.kafscale.broker.request.GroupSettings;
import io.kafscale.coordinator.GroupConfigRules;
import io.kafscale.coordinator.GroupCoordinatorSettings;
import io.kafscale.coordinator.GroupOperations;
import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerAvailability;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.CreateTopicResult;
import io.kafscale.metastore.cluster.GroupConfigStore;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.NewTopic;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.ProducerIdBlocks;
import io.kafscale.metastore.cluster.ProducerIdStore;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.ThreadEventLoop;
import io.kafscale.wire.RequestBuffer;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * A cluster of one broker in memory: the real metadata store and images, and a listed log that leads whatever topics appear. The
 * partition records it writes are those that the engine of the log writes in a real broker.
 */
final class TestCluster implements AutoCloseable {
    static final int NODE = 3;
    static final String CLUSTER_ID = "a-cluster-of-one-broker";
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    final List<Throwable> loopFailures = new CopyOnWriteArrayList<>();
    final ThreadEventLoop loop = new ThreadEventLoop("test", (name, failure) -> loopFailures.add(failure));
    final MetadataStore store = EmbeddedMetadataStore.inMemory(loop);
    final MetadataAccess access = new MetadataAccess(store, new MetadataKeys("test"), loop, new SplittableRandom(42));
    final ImageKeeper images = new ImageKeeper(access);
    final ListedLog log = new ListedLog(loop);
    final TopicStore topics = new TopicStore(access);
    final PlacementStore placement = new PlacementStore(access);
    final RegisterResult.Registered own;
    final BrokerIncarnation incarnation;

    /** Who leads a new partition first. */
    volatile Function<PartitionId, BrokerIncarnation> leaders;

    private final PartitionStore partitions = new PartitionStore(access);
    private final Set<UUID> taken = new HashSet<>();

    /** A cluster whose broker is said to listen on {@code port}. */
    TestCluster(int port) {
        await(new ClusterStore(access).createIfAbsent(new ClusterRecord(CLUSTER_ID, 0, 1)));
        own = register(NODE, port, "rack-1");
        incarnation = own.registration().value().incarnation();
        leaders = partition -> incarnation;
        await(images.start());
        images.addListener(this::lead);
    }

    /** Registers another broker, which is starting. */
    RegisterResult.Registered register(int id, int port, String rack) {
        var registry = new BrokerRegistry(access);
        var registration =
                new BrokerRegistration(await(registry.nextIncarnation(id)), "127.0.0.1", port, rack, "test", 1);
        return (RegisterResult.Registered) await(registry.register(registration, Duration.ofMinutes(10)));
    }

    /** Opens the door of a broker. */
    void serve(BrokerIncarnation broker) {
        assertThat(await(placement.setAvailability(broker, BrokerAvailability.State.SERVING)))
                .isTrue();
        catchUp();
    }

    /** Hands a partition to another leader, with whom its next epoch begins. */
    void handOver(PartitionId partition, BrokerIncarnation to) {
        var record = images.image().partition(partition).orElseThrow();
        var change = PartitionChange.update(record, record.value().release(0).acquire(to));
        assertThat(await(partitions.commit(List.of(change), List.of())))
                .singleElement()
                .isInstanceOf(PartitionOutcome.Applied.class);
        catchUp();
    }

    /** Waits until the image shows all that has been written so far. */
    void catchUp() {
        var marker = Transaction.builder()
                .put(access.keys().imagePrefix() + "marker", Bytes.utf8(""))
                .build();
        await(images.awaitRevision(((CommitResult.Committed) await(store.commit(marker))).revision()));
    }

    /** Waits until the image is so. */
    void until(Predicate<ClusterImage> condition) {
        var now = new CompletableFuture<ClusterImage>();
        images.addListener((_, image, _) -> {
            if (condition.test(image)) {
                now.complete(image);
            }
        });
        await(now);
    }

    private void lead(ClusterImage before, ClusterImage now, ClusterDelta delta) {
        for (var topic : now.topics()) {
            TopicRecord record = topic.value();
            boolean grown = delta.changedTopics().contains(record.id());
            if (!taken.add(record.id()) && !grown) {
                continue;
            }
            List<PartitionChange> changes = new ArrayList<>();
            for (int number = 0; number < record.partitions(); number++) {
                if (!now.partitions(record.id()).containsKey(number)) {
                    changes.add(PartitionChange.create(
                            access.keys(), topic, number, leaders.apply(new PartitionId(record.id(), number))));
                }
            }
            partitions.commit(changes, List.of()).thenAccept(outcomes -> openOnceShown(record, outcomes));
        }
    }

    private void openOnceShown(TopicRecord record, List<PartitionOutcome> outcomes) {
        long revision = outcomes.stream()
                .mapToLong(outcome -> ((PartitionOutcome.Applied) outcome).modRevision())
                .max()
                .orElse(0);
        images.awaitRevision(revision).thenRun(() -> loop.execute(() -> log.open(record.id())));
    }

    /** The collaborators of handlers, with default settings. */
    BrokerContext context(GroupOperations groups) {
        return context(groups, BrokerSettings.defaults(NODE, CLUSTER_ID, "memory:"));
    }

    /** The collaborators of handlers. */
    BrokerContext context(GroupOperations groups, BrokerSettings settings) {
        var producerIds = new ProducerIdBlocks(new ProducerIdStore(access), loop, 10);
        var groupSettings = new GroupSettings(
                new GroupConfigRules(GroupCoordinatorSettings.defaults()), new GroupConfigStore(access));
        return new BrokerContext(settings, log, images, topics, placement, producerIds, groups, groupSettings, loop);
    }

    /** A topic that is led. */
    TopicRecord topic(String name, int count, Map<String, String> configs) {
        var created = (CreateTopicResult.Created) await(topics.create(new NewTopic(name, count, configs)));
        await(images.awaitRevision(created.revision()));
        await(log.ready(created.topic().id()));
        return created.topic();
    }

    /** What comes of {@code stage}, within a deadline that only a hanging test meets. */
    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new AssertionError("no answer", failure);
        }
    }

    /**
     * Sends a request in a version through its bytes, and gives back what a client reads of the bytes of the answer; fails where a
     * field does not fit the version.
     */
    static AbstractResponse call(RequestRouter router, ApiKeys api, int version, ApiMessage request) {
        short v = (short) version;
        AbstractRequest parsed =
                AbstractRequest.parseRequest(api, v, MessageUtil.toByteBufferAccessor(request, v)).request;
        RequestContext context = requestContext(api, v);
        CompletionStage<? extends AbstractResponse> answer =
                router.handle(context, parsed, RequestBuffer.untracked(100));
        return ResponseBytes.reread(context, await(answer));
    }

    static RequestContext requestContext(ApiKeys api, short version) {
        return new RequestContext(
                new RequestHeader(api, version, "client", 1),
                "connection",
                InetAddress.getLoopbackAddress(),
                KafkaPrincipal.ANONYMOUS,
                ListenerName.forSecurityProtocol(SecurityProtocol.PLAINTEXT),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
    }

    @Override
    public void close() {
        images.close();
        store.close();
        loop.close();
    }
}
