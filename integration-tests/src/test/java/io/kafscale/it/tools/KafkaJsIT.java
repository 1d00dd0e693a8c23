package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** KafkaJS. */
@OnEveryStorage
class KafkaJsIT extends ScriptedClientContract {
    private static final List<String> COMMAND = List.of("node", ClientScript.named("kafkajs.js"));
    private static final Map<String, String> MODULES =
            Map.of("NODE_PATH", ClientScript.nodeModules().toString());

    KafkaJsIT(BrokerUnderTest broker) {
        super(broker, new ScriptedClient("kafkajs", COMMAND, MODULES, List.of("none", "gzip"), true));
    }

    @BeforeAll
    static void requireIt() {
        ClientScript.require("kafkajs", List.of("node", "-e", "require(\"kafkajs\")"), MODULES);
    }
}
