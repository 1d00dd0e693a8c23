package io.kafscale.wire;

import static io.kafscale.wire.Requests.HEARTBEAT_VERSION;
import static io.kafscale.wire.Requests.PRODUCE_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.wire.ManualHandler.Pending;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.net.SocketFactory;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many clients with tight bounds, answers in random order from other threads, some clients hang up in the middle. */
class StressTest extends ServerFixture {
    private static final int CLIENTS = 16;
    private static final int REQUESTS = 100;

    private final long seed = new Random().nextLong();
    private final ManualHandler handler = new ManualHandler();

    @TempDir
    Path directory;

    private SocketFactory sockets = SocketFactory.getDefault();

    @ParameterizedTest
    @EnumSource(names = {"PLAINTEXT", "SSL"})
    void nothingIsLostMisorderedOrLeaked(SecurityProtocol protocol) throws Exception {
        System.out.println("seed " + seed);
        Map<String, Object> security = Map.of();
        if (protocol == SecurityProtocol.SSL) {
            TestCertificate certificate = TestCertificate.in(directory);
            sockets = certificate.clientContext().getSocketFactory();
            security = certificate.serverProperties();
        }
        var listener = new ListenerSettings("X", "127.0.0.1", 0, protocol, security);
        var limits = new RequestLimits(150_000, 300_000, 20_000, 1000, 5, 200_000, Duration.ofSeconds(30));
        KafkaServer server = start(
                ServerSettings.on(listener).withDrainTimeout(Duration.ZERO).withRequests(limits), handler);
        var done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 2; i++) {
                var random = new Random(seed + 1000 + i);
                threads.submit(() -> answerUntil(done, random));
            }
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                var random = new Random(seed + i);
                boolean hangsUp = i % 4 == 3;
                clients.add(threads.submit(() -> hangsUp ? runAndHangUp(server, random) : run(server, random)));
            }
            for (int i = 0; i < CLIENTS; i++) {
                int answered = clients.get(i).get(60, TimeUnit.SECONDS);
                assertThat(answered).as("client " + i).isEqualTo(i % 4 == 3 ? -1 : REQUESTS);
            }
            await("all connections gone", () -> server.connections() == 0);
            await("budget free again", () -> server.requestBytesInFlight() == 0);
            done.set(true);
        }
    }

    private void answerUntil(AtomicBoolean done, Random random) {
        var kept = new ConcurrentLinkedQueue<RequestBuffer>();
        List<Pending> open = new ArrayList<>();
        while (!done.get()) {
            while (handler.waiting() > 0) {
                Pending pending = handler.poll();
                if (pending != null) {
                    open.add(pending);
                }
            }
            while (!open.isEmpty() && random.nextInt(3) != 0) {
                Pending pending = open.remove(random.nextInt(open.size()));
                if (pending.context().header.apiKey() == ApiKeys.PRODUCE && random.nextBoolean()) {
                    kept.add(pending.buffer().retain());
                }
                pending.reply();
            }
            while (!kept.isEmpty() && random.nextBoolean()) {
                kept.remove().release();
            }
            LockSupport.parkNanos(50_000);
        }
    }

    private int run(KafkaServer server, Random random) throws Exception {
        try (var client = new RawClient(server.boundAddress(), sockets);
                var writer = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> write = () -> {
                for (int i = 0; i < REQUESTS; i++) {
                    sendSomething(client, random);
                }
                return true;
            };
            Future<Boolean> written = writer.submit(write);
            for (int i = 1; i <= REQUESTS; i++) {
                assertThat(client.receiveCorrelationId()).isEqualTo(i);
            }
            assertThat(written.get()).isTrue();
            return REQUESTS;
        }
    }

    private int runAndHangUp(KafkaServer server, Random random) throws Exception {
        for (int i = 0; i < 20; i++) {
            try (var client = new RawClient(server.boundAddress(), sockets)) {
                for (int r = random.nextInt(4); r >= 0; r--) {
                    sendSomething(client, random);
                }
                if (random.nextBoolean()) {
                    client.sendBytes(ByteBuffer.allocate(500).putInt(0, 20_000));
                }
            }
        }
        return -1;
    }

    private static void sendSomething(RawClient client, Random random) throws IOException {
        if (random.nextInt(3) == 0) {
            client.send(ApiKeys.HEARTBEAT, HEARTBEAT_VERSION, Requests.heartbeat());
        } else {
            client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, Requests.produce(-1, random.nextInt(100_000)));
        }
    }
}
