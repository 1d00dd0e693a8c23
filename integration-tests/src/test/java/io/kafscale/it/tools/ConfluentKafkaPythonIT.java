package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** confluent-kafka-python. */
@OnEveryStorage
class ConfluentKafkaPythonIT extends ScriptedClientContract {
    private static final List<String> COMMAND =
            List.of(ClientScript.PYTHON, ClientScript.named("confluent_kafka_python.py"));

    ConfluentKafkaPythonIT(BrokerUnderTest broker) {
        super(
                broker,
                new ScriptedClient(
                        "confluent-kafka-python",
                        COMMAND,
                        Map.of(),
                        List.of("none", "gzip", "snappy", "lz4", "zstd"),
                        true));
    }

    @BeforeAll
    static void requireIt() {
        ClientScript.require(
                "confluent-kafka-python", List.of(ClientScript.PYTHON, "-c", "import confluent_kafka"), Map.of());
    }
}
