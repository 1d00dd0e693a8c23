package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.cluster.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one broker does for all, and is not the engine's own. */
class ChoresTest {
    private final TestCluster cluster = new TestCluster();

    /** What the engine tells of a chore. */
    private static final class Told implements Role.Listener {
        final List<String> events = new ArrayList<>();

        @Override
        public void acquired() {
            events.add("acquired");
        }

        @Override
        public void lost() {
            events.add("lost");
        }
    }

    @Test
    void oneBrokerDoesItAndAnotherWhenThatIsGone() {
        // Given
        List<TestBroker> brokers = cluster.serving(2);
        Told first = choreOf(brokers.getFirst());
        Told second = choreOf(brokers.getLast());
        assertThat(first.events).containsExactly("acquired");
        assertThat(second.events).isEmpty();
        // When
        brokers.getFirst().crash();
        cluster.removeRegistration(1);
        cluster.deleteMetadata(cluster.keys.role(Chores.ROLE));
        cluster.until(() -> !second.events.isEmpty());
        // Then
        assertThat(second.events).containsExactly("acquired");
    }

    @Test
    void itEndsWithTheBroker() {
        // Given
        TestBroker broker = cluster.started();
        Told chore = choreOf(broker);
        // When
        cluster.await(broker.engine.close());
        // Then
        assertThat(chore.events).containsExactly("acquired", "lost");
    }

    private Told choreOf(TestBroker broker) {
        var chore = new Told();
        broker.engine.addChore(chore);
        cluster.time.advance(Duration.ofSeconds(1));
        return chore;
    }
}
