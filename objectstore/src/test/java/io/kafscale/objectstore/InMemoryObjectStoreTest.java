package io.kafscale.objectstore;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.TimeSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class InMemoryObjectStoreTest extends ObjectStoreContract {
    @Override
    protected ObjectStore openStore() {
        return InMemoryObjectStore.inline();
    }

    @Nested
    class OnAnExecutor {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private final ObjectStore late = new InMemoryObjectStore(tasks::add, TimeSource.system());

        @Test
        void aPayloadIsReadAtTheMomentOfLandingAndHeldUntilThen() {
            byte[] content = "early".getBytes(StandardCharsets.UTF_8);
            var released = new AtomicBoolean();
            var payload = new Payload(List.of(ByteBuffer.wrap(content)), () -> released.set(true));
            var put = late.putIfAbsent("object", payload);
            payload.release();
            // When: a writer that breaks the rule and reuses the bytes before they are released
            content[0] = 'E';
            boolean releasedBeforeLanding = released.get();
            tasks.remove().run();
            // Then
            assertThat(releasedBeforeLanding).isFalse();
            assertThat(released).isTrue();
            assertThat(await(put)).isEqualTo(PutOutcome.CREATED);
            var read = late.get("object", 100);
            tasks.remove().run();
            assertThat(StandardCharsets.UTF_8.decode(await(read)).toString()).isEqualTo("Early");
        }

        @Test
        void anExecutorThatHasShutDownClosesTheStore() {
            var released = new AtomicBoolean();
            var payload = new Payload(List.of(), () -> released.set(true));
            ObjectStore shutDown = new InMemoryObjectStore(
                    task -> {
                        throw new RejectedExecutionException("shut down");
                    },
                    TimeSource.system());
            // When
            var put = shutDown.putIfAbsent("object", payload);
            payload.release();
            // Then
            assertThat(failure(put).kind()).isEqualTo(Kind.CLOSED);
            assertThat(released).isTrue();
        }
    }
}
