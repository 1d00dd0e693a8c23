package io.kafscale.it.kill;

import static io.kafscale.it.client.Futures.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerKind;
import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.KafscaleProcess;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.broker.Storage;
import io.kafscale.it.client.Clients;
import io.kafscale.it.client.Lookup;
import io.kafscale.it.client.Observed;
import io.kafscale.testkit.etcd.EtcdCluster;
import io.kafscale.testkit.etcd.EtcdOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Twenty times {@code kill -9} under load. Set {@code -Dit.seed=…} to repeat a run's choices, as far as the machine lets it. */
class KillNineIT {
    private static final Logger LOG = LoggerFactory.getLogger(KillNineIT.class);
    private static final int PARTITIONS = 4;
    private static final int KILLS = Integer.getInteger("it.kills", 20);
    private static final int KILLS_ON_S3 = 5;
    private static final int KILLS_ON_ETCD = 3;
    private static final int MOST_RECORDS_BETWEEN = 4_000;
    private static final int ONE_IN = 4;
    private static final Duration STARTING = Duration.ofMillis(2_500);

    private final long seed = Long.getLong("it.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Observed observed = new Observed();
    private final Acknowledgements acknowledgements = new Acknowledgements(observed);
    private final List<GroupHistory> groups =
            List.of(new GroupHistory("classic-group", observed), new GroupHistory("consumer-group", observed));

    @Test
    void nothingIsLostOrDoubledOnALocalDirectory() {
        try (var broker = BrokerKind.ofThisRun().launch()) {
            survives(broker, KILLS);
        }
    }

    @Test
    @OnlyKafscale
    void nothingIsLostOrDoubledOnS3() {
        try (var broker = KafscaleProcess.launchFresh(Storage.s3())) {
            survives(broker, KILLS_ON_S3);
        }
    }

    /** Each start waits until the lease of the broker that was killed has run out. */
    @Test
    @OnlyKafscale
    void nothingIsLostOrDoubledOnEtcd(@TempDir Path directory) {
        try (var etcd = EtcdCluster.start(directory, 3, EtcdOptions.DEFAULTS);
                var broker = KafscaleProcess.launchFresh(
                        Storage.directory(), "etcd://" + String.join(",", etcd.endpoints()))) {
            survives(broker, KILLS_ON_ETCD);
        }
    }

    private void survives(BrokerUnderTest broker, int kills) {
        // Given
        LOG.info("{}: {} kills, seed {}", broker, kills, seed);
        System.out.println("KillNineIT on " + broker + ": seed " + seed);
        var clients = new Clients(broker);
        String topic = clients.topic(PARTITIONS);
        var members = new ArrayList<CommittingMember>();
        for (GroupHistory group : groups) {
            members.add(member(clients, topic, group));
            members.add(member(clients, topic, group));
        }
        List<SequencedProducer> producers = Stream.of("none", "lz4", "zstd")
                .map(compression -> new SequencedProducer(
                        clients,
                        "producer-" + compression,
                        new SequencedProducer.Target(topic, PARTITIONS, random.nextLong()),
                        Map.of("compression.type", compression),
                        acknowledgements))
                .toList();
        producers.forEach(SequencedProducer::start);
        // When
        try (Admin admin = clients.admin();
                var timer = Executors.newSingleThreadScheduledExecutor()) {
            for (int kill = 1; kill <= kills; kill++) {
                killOnce(broker, timer);
                committedOffsetsAreThere(admin, topic);
                LOG.info("kill {}: {} records acknowledged", kill, acknowledgements.count());
            }
            producers.forEach(SequencedProducer::close);
            awaitThatGroupsHaveCommittedEverything(admin, topic);
        }
        members.forEach(CommittingMember::close);
        // Then
        check(clients, topic);
    }

    private CommittingMember member(Clients clients, String topic, GroupHistory group) {
        String protocol = group.group().substring(0, group.group().indexOf('-'));
        Map<String, ?> settings = Map.of(
                "group.id",
                group.group(),
                "group.protocol",
                protocol,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false);
        return new CommittingMember(clients.consumer(settings), topic, group);
    }

    /** Kills it after some more records, or else while it starts, or both; and has it back. */
    private void killOnce(BrokerUnderTest broker, ScheduledExecutorService timer) {
        long enough = acknowledgements.count() + 1 + random.nextInt(MOST_RECORDS_BETWEEN);
        observed.await(
                "more records are acknowledged",
                () -> acknowledgements.count() >= enough || !failures().isEmpty());
        assertThat(failures()).isEmpty();
        broker.kill();
        broker.launch();
        if (random.nextInt(ONE_IN) == 0) {
            get(timer.schedule(broker::kill, random.nextLong(STARTING.toMillis()), TimeUnit.MILLISECONDS));
            broker.launch();
        }
        broker.awaitReady();
    }

    private void committedOffsetsAreThere(Admin admin, String topic) {
        for (GroupHistory group : groups) {
            Map<Integer, Long> promised = group.committed();
            var stored = get(admin.listConsumerGroupOffsets(group.group()).partitionsToOffsetAndMetadata());
            promised.forEach((partition, offset) -> {
                if (offset > 0) {
                    assertThat(Lookup.in(stored, new TopicPartition(topic, partition))
                                    .offset())
                            .as("committed offset of %s, partition %s", group.group(), partition)
                            .isGreaterThanOrEqualTo(offset);
                }
            });
        }
    }

    private void awaitThatGroupsHaveCommittedEverything(Admin admin, String topic) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            var topicPartition = new TopicPartition(topic, partition);
            int number = partition;
            long end = get(admin.listOffsets(Map.of(topicPartition, OffsetSpec.latest()))
                            .partitionResult(topicPartition))
                    .offset();
            for (GroupHistory group : groups) {
                observed.await(
                        group.group() + " has committed all " + end + " of partition " + partition,
                        () -> group.committed().getOrDefault(number, 0L) == end
                                || !failures().isEmpty());
            }
        }
    }

    private void check(Clients clients, String topic) {
        var log = new LogCheck(clients, topic, PARTITIONS);
        log.offsetsAreDense();
        log.everyAcknowledgedRecordIsThereOnceAndInOrder(acknowledgements);
        groups.forEach(log::everyRecordWasReceived);
        assertThat(failures()).isEmpty();
        assertThat(log.size()).isEqualTo(acknowledgements.count());
    }

    private List<String> failures() {
        return Stream.concat(
                        acknowledgements.failures().stream(),
                        groups.stream().flatMap(group -> group.failures().stream()))
                .toList();
    }
}
