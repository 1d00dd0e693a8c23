package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.process.JavaProgram;
import java.util.List;
import java.util.Map;

/** The Java client of Kafka 2.1, the oldest that Kafka 4 still serves. */
@OnEveryStorage
class OldJavaClientIT extends ScriptedClientContract {
    OldJavaClientIT(BrokerUnderTest broker) {
        super(
                broker,
                new ScriptedClient(
                        "java-2.1", command(), Map.of(), List.of("none", "gzip", "snappy", "lz4", "zstd"), true));
    }

    private static List<String> command() {
        return JavaProgram.shortLived("kafka-2.1")
                .with("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
                .command("io.kafscale.programs.old.OldClient", List.of());
    }
}
