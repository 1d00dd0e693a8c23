package io.kafscale.it.workload;

import io.kafscale.it.client.Clients;
import io.kafscale.it.history.Event;
import io.kafscale.it.history.History;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/** Asks for the committed offsets of groups, twice a second, on a thread of its own. */
public final class OffsetsInquirer implements AutoCloseable {
    private static final long PERIOD_MS = 500;

    private final List<String> groups;
    private final History history;
    private final Admin admin;
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();

    private OffsetsInquirer(List<String> groups, History history, Admin admin) {
        this.groups = groups;
        this.history = history;
        this.admin = admin;
    }

    /** Begins to ask for the offsets of {@code groups}, which read one topic only. */
    public static OffsetsInquirer start(Clients clients, List<String> groups, History history) {
        var inquirer = new OffsetsInquirer(List.copyOf(groups), history, clients.admin());
        inquirer.ticks.scheduleWithFixedDelay(inquirer::askAll, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
        return inquirer;
    }

    private void askAll() {
        groups.forEach(this::ask);
    }

    private void ask(String group) {
        long asked = history.now();
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().whenComplete((offsets, failure) -> {
            if (failure == null) {
                note(group, offsets, asked);
            } else if (!(failure instanceof RetriableException)) {
                history.add(new Event.ClientFailed("inquirer", failure.toString()));
            }
        });
    }

    private void note(String group, Map<TopicPartition, OffsetAndMetadata> offsets, long asked) {
        offsets.forEach((partition, committed) -> {
            if (committed != null) {
                history.add(new Event.OffsetFetched(group, partition.partition(), committed.offset(), asked));
            }
        });
    }

    @Override
    public void close() {
        ticks.close();
        admin.close();
    }
}
