package io.kafscale.app.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.Test;

class ConsumeLoopTest {
    private static final TopicPartition ORDERS_0 = new TopicPartition("orders", 0);
    private static final ConsumeLoop.Limits NO_WAIT =
            new ConsumeLoop.Limits(OptionalLong.empty(), Optional.of(Duration.ZERO));

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final List<Long> printed = new ArrayList<>();

    @Test
    void itEndsWhenNothingCameForAsLongAsTheUserWaits() {
        given(0, 1);

        var ending = loop(true).run(NO_WAIT, Time.SYSTEM);

        assertThat(ending).isEqualTo(ConsumeLoop.Ending.IDLE);
        assertThat(printed).containsExactly(0L, 1L);
        assertThat(committed()).isEqualTo(2);
    }

    @Test
    void itCommitsWhatItPrintedAndNoMore() {
        given(0, 1, 2);

        var ending = loop(true).run(new ConsumeLoop.Limits(OptionalLong.of(2), Optional.empty()), Time.SYSTEM);

        assertThat(ending).isEqualTo(ConsumeLoop.Ending.COMPLETE);
        assertThat(printed).containsExactly(0L, 1L);
        assertThat(committed()).isEqualTo(2);
    }

    @Test
    void itCommitsNothingWithoutAGroup() {
        given(0);

        loop(false).run(NO_WAIT, Time.SYSTEM);

        assertThat(consumer.committed(Set.of(ORDERS_0)).get(ORDERS_0)).isNull();
    }

    @Test
    void itStopsWhenWokenUp() {
        given();
        consumer.wakeup();

        assertThat(loop(true).run(NO_WAIT, Time.SYSTEM)).isEqualTo(ConsumeLoop.Ending.STOPPED);
    }

    @Test
    void itStopsWhenNobodyReads() {
        given(0, 1, 2);
        var loop = new ConsumeLoop(consumer, next -> next.offset() < 1, true);

        assertThat(loop.run(NO_WAIT, Time.SYSTEM)).isEqualTo(ConsumeLoop.Ending.STOPPED);
        assertThat(loop.count()).isEqualTo(2);
    }

    @Test
    void theTimeUntilTheGroupLetsItInIsNotIdle() {
        var loop = loop(true);
        consumer.subscribe(List.of("orders"), loop);
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(() -> {
            consumer.rebalance(List.of(ORDERS_0));
            addRecords(0, 1);
        });

        assertThat(loop.run(NO_WAIT, Time.SYSTEM)).isEqualTo(ConsumeLoop.Ending.IDLE);
        assertThat(printed).containsExactly(0L, 1L);
    }

    private ConsumeLoop loop(boolean commits) {
        return new ConsumeLoop(consumer, next -> printed.add(next.offset()), commits);
    }

    private void given(long... offsets) {
        consumer.assign(List.of(ORDERS_0));
        addRecords(offsets);
    }

    private void addRecords(long... offsets) {
        consumer.updateBeginningOffsets(Map.of(ORDERS_0, 0L));
        for (long offset : offsets) {
            consumer.addRecord(new ConsumerRecord<>("orders", 0, offset, new byte[0], new byte[0]));
        }
    }

    private long committed() {
        OffsetAndMetadata committed = consumer.committed(Set.of(ORDERS_0)).get(ORDERS_0);
        return committed == null ? -1 : committed.offset();
    }
}
