package io.kafscale.it.tools;

import static io.kafscale.it.client.Futures.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.client.Clients;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A client that has an admin client, too. */
abstract class ScriptedClientContract extends ForeignClientContract {
    private final ScriptedClient client;

    ScriptedClientContract(BrokerUnderTest broker, ScriptedClient client) {
        super(broker, client);
        this.client = client;
    }

    @Test
    void itsAdminClientWorks() {
        // Given
        String topic = clients.topic(1);
        String group = Clients.unique("group");
        try (var producer = clients.producer();
                var admin = clients.admin()) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(topic, "value"));
            }
            producer.flush();
            var five = Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(5));
            get(admin.alterConsumerGroupOffsets(group, five).all());
            // When
            client.administer(broker, Clients.unique("by-" + client.name()), topic, group);
            // Then: the program has checked what it was told; what it created is deleted again
            assertThat(get(admin.listTopics().names())).noneMatch(name -> name.startsWith("by-" + client.name()));
        }
    }
}
