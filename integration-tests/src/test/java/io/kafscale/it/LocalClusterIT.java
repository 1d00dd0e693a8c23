package io.kafscale.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.process.Directories;
import io.kafscale.testkit.cluster.LocalCluster;
import io.kafscale.testkit.cluster.LocalCluster.Layout;
import io.kafscale.testkit.net.LoopbackPort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What {@code make cluster} runs, and the {@code cluster} commands on it. */
@OnlyKafscale
@Tag("cluster")
class LocalClusterIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int PARTITIONS = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory = Directories.newData("cluster");
    private final int ports = LoopbackPort.free();
    private final Layout layout = new Layout(
            3, ports, ports + 10, ports + 12, directory, Directories.module().resolve("../kafscale"));
    private LocalCluster cluster;

    @BeforeEach
    void startCluster() throws Exception {
        cluster = LocalCluster.start(layout);
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
        Directories.delete(directory);
    }

    @Test
    void brokersAreDrainedMovedStoppedAndKilledAndTheOthersServe() throws Exception {
        createTopic();
        awaitCluster(view -> leads(view, 1) + leads(view, 2) + leads(view, 3) == PARTITIONS
                && leads(view, 3) > 0
                && view.get("misplaced").isEmpty());

        assertThat(kafscale("cluster", "drain", "3", "--wait")).contains("Broker 3 leads nothing.");
        JsonNode drained = describe();
        assertThat(leads(drained, 3)).isZero();
        assertThat(broker(drained, 3).get("shards").asInt()).isZero();
        assertThat(broker(drained, 3).get("state").asText()).isEqualTo("draining");
        kafscale("cluster", "undrain", "3");
        assertThat(kafscale("cluster", "move", "orders:0", "orders:1", "--to", "3", "--wait"))
                .contains("led by broker 3");

        // A broker that is stopped hands everything over, and ends well.
        cluster.broker(1).destroy();
        assertThat(cluster.brokerEnded(1).get(60, TimeUnit.SECONDS)).isZero();
        JsonNode two = awaitCluster(view -> leads(view, 2) + leads(view, 3) == PARTITIONS);
        assertThat(two.get("brokers")).hasSize(2);

        // One that is killed is missed before its lease ends.
        produceToAll();
        cluster.broker(2).destroyForcibly();
        produceToAll();
        assertThat(Files.readString(cluster.brokerLog(3)))
                .contains("Removed the registration of a broker that refuses connections");
        assertThat(leads(awaitCluster(view -> leads(view, 3) == PARTITIONS), 3)).isEqualTo(PARTITIONS);
    }

    @Test
    void nothingIsLeftBehind() {
        List<ProcessHandle> programs = cluster.programs();
        assertThat(programs).hasSize(5).allMatch(ProcessHandle::isAlive);

        cluster.close();

        assertThat(programs).noneMatch(ProcessHandle::isAlive);
        for (int id = 1; id <= 3; id++) {
            assertThat(cluster.brokerEnded(id)).isCompletedWithValue(0);
        }
    }

    private void createTopic() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", layout.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic("orders", PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    /** A record to each partition, acknowledged. */
    private void produceToAll() throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", layout.bootstrap());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            var sent = new ArrayList<Future<?>>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                sent.add(producer.send(new ProducerRecord<>("orders", partition, "k", "v")));
            }
            for (Future<?> one : sent) {
                one.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static int leads(JsonNode view, int id) {
        JsonNode broker = broker(view, id);
        return broker.isMissingNode() ? 0 : broker.get("leads").asInt();
    }

    private static JsonNode broker(JsonNode view, int id) {
        for (JsonNode broker : view.get("brokers")) {
            if (broker.get("id").asInt() == id) {
                return broker;
            }
        }
        return JSON.missingNode();
    }

    /** Looks again and again: the command has nothing to wait on. */
    private JsonNode awaitCluster(Predicate<JsonNode> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        JsonNode view = describe();
        while (!condition.test(view)) {
            assertThat(System.nanoTime()).as("the cluster at last: %s", view).isLessThan(deadline);
            view = describe();
        }
        return view;
    }

    private JsonNode describe() throws Exception {
        return JSON.readTree(kafscale("cluster", "describe", "--output", "json"));
    }

    /** Runs a command that must succeed, and returns what it says. */
    private String kafscale(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(layout.launcher().toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", layout.settings().toString()));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("KAFSCALE_BUILD", "never");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
        return out;
    }
}
