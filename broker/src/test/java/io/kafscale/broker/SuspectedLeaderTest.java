package io.kafscale.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.FailureDetector;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;
import io.kafscale.wire.RequestBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client is told that asks who leads while the leader is suspected to be dead. */
class SuspectedLeaderTest {
    private static final int OTHER = 5;

    /** Timers that end by hand. */
    private static final class HeldTimers implements EventLoop {
        private final List<Runnable> timers = new CopyOnWriteArrayList<>();
        private final AtomicLong nanos = new AtomicLong();

        void endAll() {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            timers.forEach(Runnable::run);
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            timers.add(task);
            return () -> timers.remove(task);
        }

        @Override
        public boolean inLoop() {
            return true;
        }

        @Override
        public TimeSource time() {
            return new TimeSource() {
                @Override
                public long nanoTime() {
                    return nanos.get();
                }

                @Override
                public long wallClockMs() {
                    return 0;
                }
            };
        }
    }

    private final HeldTimers timers = new HeldTimers();
    private TestCluster cluster;
    private TestGroups groups;
    private RequestRouter router;
    private RegisterResult.Registered registered;
    private FailureDetector detector;

    @BeforeEach
    void anotherBrokerLeadsAndIsSuspectedByOneOfThree() {
        cluster = new TestCluster(9092);
        groups = new TestGroups(cluster);
        BrokerContext context = cluster.context(groups.host.operations());
        router = new RequestRouter(new BrokerContext(
                context.settings(),
                context.log(),
                context.images(),
                context.topics(),
                context.placement(),
                context.producerIds(),
                context.groups(),
                context.groupSettings(),
                timers));
        registered = cluster.register(OTHER, 9095, "rack-2");
        cluster.register(OTHER + 1, 9096, "rack-3");
        BrokerIncarnation other = registered.registration().value().incarnation();
        cluster.serve(cluster.incarnation);
        cluster.serve(other);
        var topic = cluster.topic("t", 1, Map.of());
        cluster.handOver(new PartitionId(topic.id(), 0), other);
        detector = new FailureDetector(
                cluster.access, cluster.images, () -> Optional.of(cluster.incarnation), _ -> {}, Duration.ofMinutes(1));
        detector.start();
        detector.refused(other);
        cluster.until(image -> image.suspects().contains(other));
    }

    @AfterEach
    void stop() {
        detector.close();
        groups.close();
        cluster.close();
        assertThat(cluster.loopFailures).isEmpty();
    }

    private CompletableFuture<MetadataResponsePartition> ask() {
        short version = RequestRouter.versions().maxVersion(ApiKeys.METADATA);
        var asked = new MetadataRequestData.MetadataRequestTopic().setName("t");
        var request = new MetadataRequest(new MetadataRequestData().setTopics(List.of(asked)), version);
        return router.handle(
                        TestCluster.requestContext(ApiKeys.METADATA, version), request, RequestBuffer.untracked(100))
                .thenApply(answer -> (MetadataResponseData) answer.data())
                .thenApply(answer -> answer.topics().stream()
                        .findFirst()
                        .orElseThrow()
                        .partitions()
                        .getFirst())
                .toCompletableFuture();
    }

    @Test
    void theAnswerWaitsUntilItIsKnownWhoIsNext() {
        // Given
        var answer = ask();
        assertThat(answer).isNotDone();
        // When
        TestCluster.await(registered.lease().revoke());
        // Then
        MetadataResponsePartition partition = TestCluster.await(answer);
        assertThat(partition.leaderId()).isEqualTo(TestCluster.NODE);
        assertThat(partition.leaderEpoch()).as("it is about to lead").isEqualTo(-1);
    }

    @Test
    void aSuspicionThatStaysOneHoldsUpNobodyForLong() {
        // Given
        var answer = ask();
        var second = ask();
        // When
        timers.endAll();
        // Then
        assertThat(TestCluster.await(answer).leaderId()).isEqualTo(OTHER);
        assertThat(TestCluster.await(second).leaderId()).isEqualTo(OTHER);
        assertThat(ask()).as("another one").isDone();
    }

    @Test
    void whoAsksForOtherTopicsDoesNotWait() {
        cluster.topic("u", 1, Map.of());
        var request = new MetadataRequest(
                new MetadataRequestData()
                        .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName("u"))),
                RequestRouter.versions().maxVersion(ApiKeys.METADATA));
        assertThat(router.handle(
                                TestCluster.requestContext(
                                        ApiKeys.METADATA,
                                        RequestRouter.versions().maxVersion(ApiKeys.METADATA)),
                                request,
                                RequestBuffer.untracked(100))
                        .toCompletableFuture())
                .isDone();
    }
}
