package io.kafscale.wire;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;

/** Servers on free loopback ports with an event log, closed after each test together with their clients. */
abstract class ServerFixture {
    static final Set<ApiKeys> SERVED = EnumSet.of(
            ApiKeys.PRODUCE,
            ApiKeys.FETCH,
            ApiKeys.METADATA,
            ApiKeys.LIST_OFFSETS,
            ApiKeys.HEARTBEAT,
            ApiKeys.API_VERSIONS);
    static final ApiVersionTable VERSIONS = ApiVersionTable.of(SERVED);

    final EventLog events = new EventLog();
    private final List<AutoCloseable> opened = new ArrayList<>();

    static ServerSettings settings() {
        return ServerSettings.on(ListenerSettings.plaintext("127.0.0.1", 0)).withDrainTimeout(Duration.ZERO);
    }

    KafkaServer start(ServerSettings settings, RequestHandler handler) throws IOException {
        return keep(
                KafkaServer.of(settings, VERSIONS, handler).observedBy(events).start());
    }

    RawClient connect(KafkaServer server) throws IOException {
        return keep(new RawClient(server.boundAddress()));
    }

    <T extends AutoCloseable> T keep(T resource) {
        opened.add(resource);
        return resource;
    }

    /** Waits for something that no event tells. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not in time: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : opened.reversed()) {
            resource.close();
        }
    }
}
