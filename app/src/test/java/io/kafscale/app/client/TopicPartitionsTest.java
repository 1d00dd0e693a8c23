package io.kafscale.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.app.cli.CommandException;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class TopicPartitionsTest {
    private static final List<TopicPartition> ALL =
            List.of(new TopicPartition("orders", 0), new TopicPartition("orders", 1), new TopicPartition("orders", 2));

    @Test
    void aTopicMeansAllOfItsPartitions() {
        assertThat(TopicPartitions.parse("orders").among(ALL)).isEqualTo(ALL);
    }

    @Test
    void numbersMeanSome() {
        assertThat(TopicPartitions.parse("orders:0,2").among(ALL)).containsExactly(ALL.get(0), ALL.get(2));
    }

    @Test
    void anythingElseIsRefused() {
        assertThatThrownBy(() -> TopicPartitions.parse("orders:first"))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("write topic, or topic:0,2");
    }
}
