package io.kafscale.it.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** kcat, which stands for the many clients that are built on librdkafka. */
@OnEveryStorage
class KcatIT extends ForeignClientContract {
    private static final KcatClient KCAT = new KcatClient();

    KcatIT(BrokerUnderTest broker) {
        super(broker, KCAT);
    }

    @BeforeAll
    static void requireIt() {
        ClientScript.require("kcat", List.of("kcat", "-V"), Map.of());
    }

    @Test
    void itListsBrokersTopicsAndPartitions() {
        // Given
        String topic = clients.topic(3);
        // When
        List<String> listed = KCAT.run(broker, List.of("-L"));
        // Then
        assertThat(listed)
                .contains("  broker 1 at " + broker.bootstrapServers() + " (controller)")
                .contains("  topic \"" + topic + "\" with 3 partitions:")
                .contains("    partition 2, leader 1, replicas: 1, isrs: 1");
    }

    @Test
    void itFindsOffsetsByTime() {
        // Given
        String topic = clients.topic(1);
        produceByJava(topic, 1, Map.of());
        // When
        List<String> earliest = KCAT.run(broker, List.of("-Q", "-t", topic + ":0:-2"));
        List<String> latest = KCAT.run(broker, List.of("-Q", "-t", topic + ":0:-1"));
        List<String> sinceTheBeginning = KCAT.run(broker, List.of("-Q", "-t", topic + ":0:1"));
        // Then
        assertThat(earliest).containsExactly(topic + " [0] offset 0");
        assertThat(latest).containsExactly(topic + " [0] offset 200");
        assertThat(sinceTheBeginning).containsExactly(topic + " [0] offset 0");
    }

    @Test
    void itReadsTheLastRecordsOnly() {
        // Given
        String topic = clients.topic(1);
        produceByJava(topic, 1, Map.of());
        // When
        List<String> last = KCAT.run(broker, List.of("-C", "-t", topic, "-o", "-3", "-e", "-q"));
        // Then
        assertThat(last).containsExactly("197", "198", "199");
    }
}
