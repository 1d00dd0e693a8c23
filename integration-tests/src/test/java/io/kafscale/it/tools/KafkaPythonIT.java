package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** kafka-python. */
@OnEveryStorage
class KafkaPythonIT extends ScriptedClientContract {
    private static final List<String> COMMAND = List.of(ClientScript.PYTHON, ClientScript.named("kafka_python.py"));

    KafkaPythonIT(BrokerUnderTest broker) {
        super(broker, new ScriptedClient("kafka-python", COMMAND, Map.of(), List.of("none", "gzip"), false));
    }

    @BeforeAll
    static void requireIt() {
        ClientScript.require("kafka-python", List.of(ClientScript.PYTHON, "-c", "import kafka"), Map.of());
    }
}
