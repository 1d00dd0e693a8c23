package io.kafscale.broker;

import io.kafscale.broker.admin.TopicConfigRule;
import io.kafscale.broker.admin.TopicConfigRules;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.log.LogException;
import io.kafscale.wire.ApiVersionTable;
import java.util.Locale;
import org.apache.kafka.common.protocol.ApiKeys;

/** Renders {@code docs/protocol.md} from the tables that the broker itself uses. */
final class ProtocolPage {
    private final StringBuilder page = new StringBuilder();

    static String render() {
        return new ProtocolPage().whole();
    }

    private String whole() {
        page.append("""
                # Protocol

                <!-- Generated from the code by `make docs`. Do not edit. -->

                Kafscale speaks the Kafka protocol. It advertises every version that Apache Kafka's own protocol library can parse,
                so clients from Kafka 2.1 on find common ground. An API that is not listed is not served: the
                connection of a client that asks for it all the same is closed, as Kafka closes it.

                ## APIs

                | API | Key | Versions | Here |
                |---|---|---|---|
                """);
        ApiVersionTable versions = RequestRouter.versions();
        for (ServedApi api : ServedApi.values()) {
            ApiKeys key = api.key();
            row(
                    key.name,
                    Short.toString(key.id),
                    versions.minVersion(key) + " to " + versions.maxVersion(key),
                    api.note());
        }
        page.append("""

                SaslHandshake and SaslAuthenticate are answered by the network layer.

                ## What is not there

                **Transactions.** A `transactional.id` is refused with `TRANSACTIONAL_ID_AUTHORIZATION_FAILED` in FindCoordinator,
                InitProducerId and Produce. Every client takes that as final, so `initTransactions()` fails at once. Idempotent
                producers, the default of current clients, are served in full. Reading with `isolation.level=read_committed` works;
                the last stable offset is the high watermark.

                **Compaction.** `cleanup.policy=compact` is accepted, and keeps everything, which is a legal compaction. Records
                without a key are refused, as in Kafka.

                **Replication.** Any replication factor and any assignment is accepted. Durability is the object store's, so each
                partition shows one replica: its leader.

                **Fetch sessions** are declined, as Kafka does when its session cache is full: clients send all their partitions with
                each fetch.

                **Authorization.** There is no authorizer: everything is allowed, as in Kafka without one.

                ## Topic configs

                *Honoured* configs do what Kafka documents. *Any value* is accepted where the promise of the config holds whatever the
                value. *Default only* means that another value would be stored and ignored, so it is refused with `INVALID_CONFIG`.

                | Config | Treatment | Note |
                |---|---|---|
                """);
        for (TopicConfigRule rule : TopicConfigRules.ALL) {
            row("`" + rule.name() + "`", treatment(rule), rule.note());
        }
        page.append("""

                ## Error codes of the log

                Failures of the metadata store in administrative requests are `REQUEST_TIMED_OUT` where trying again may help.

                | What happened | Produce, admin | Fetch |
                |---|---|---|
                """);
        for (LogException.Kind kind : LogException.Kind.values()) {
            String fetch = kind == LogException.Kind.STORAGE_UNAVAILABLE
                    ? "UNKNOWN_SERVER_ERROR or, by setting, KAFKA_STORAGE_ERROR"
                    : ErrorMapping.of(kind).name();
            row(
                    kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    ErrorMapping.of(kind).name(),
                    fetch);
        }
        return page.toString();
    }

    private static String treatment(TopicConfigRule rule) {
        return switch (rule.treatment()) {
            case HONOURED -> "honoured";
            case BY_CONSTRUCTION -> "any value";
            case DEFAULT_ONLY -> "default only";
        };
    }

    private void row(String... cells) {
        page.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
