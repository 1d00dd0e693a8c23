package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.ThreadEventLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A single broker on the store it comes with. */
class EmbeddedStoreTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 500);
    private static final List<Integer> PARTITIONS =
            IntStream.range(0, 500).boxed().toList();

    @TempDir
    private Path directory;

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final ThreadEventLoop loop = new ThreadEventLoop("store", (name, failure) -> failures.add(failure));

    @AfterEach
    void close() {
        loop.close();
        assertThat(failures).isEmpty();
    }

    @Test
    void membersGenerationsAndOffsetsOutliveTheProcess() {
        JoinGroupResponseData member;
        try (var store = EmbeddedMetadataStore.open(directory, loop);
                TestBroker broker = TestBroker.leader(1, store, ORDERS)) {
            member = await(broker.joinFresh("g"));
            await(broker.sync("g", member, List.of(member.memberId())));
            var commit = broker.commitAll("g", member.memberId(), member.generationId(), ORDERS, PARTITIONS, 12);
            assertThat(await(commit).topics().getFirst().partitions()).allMatch(p -> p.errorCode() == 0);
        }
        try (var store = EmbeddedMetadataStore.open(directory, loop);
                TestBroker broker = TestBroker.leader(1, store, ORDERS)) {
            assertThat(broker.heartbeat("g", member.memberId(), member.generationId()))
                    .isEqualTo(Errors.NONE);
            assertThat(broker.fetch("g", ORDERS, PARTITIONS, false)
                            .topics()
                            .getFirst()
                            .partitions())
                    .hasSize(500)
                    .allMatch(p -> p.committedOffset() == 12);
        }
    }

    @Test
    void whatWasAcknowledgedWhenTheStoreWentAwayIsThere() {
        long acknowledged = -1;
        for (int life = 1; life <= 4; life++) {
            var store = EmbeddedMetadataStore.open(directory, loop);
            TestBroker broker = TestBroker.leader(life, store, ORDERS);
            assertThat(broker.committed("g", ORDERS, 0)).isGreaterThanOrEqualTo(acknowledged);
            long first = acknowledged + 1_000;
            List<CompletableFuture<Errors>> commits = IntStream.range(0, 200)
                    .mapToObj(i -> broker.commit("g", ORDERS, 0, first + i))
                    .toList();
            await(commits.get(20 * life));
            store.close();
            for (int i = 0; i < commits.size(); i++) {
                Errors answer = await(commits.get(i));
                assertThat(answer).isIn(Errors.NONE, Errors.NOT_COORDINATOR);
                if (answer == Errors.NONE) {
                    acknowledged = first + i;
                }
            }
            broker.close();
        }
    }
}
