package io.kafscale.it.workload;

import io.kafscale.it.history.Event;
import io.kafscale.it.history.History;
import io.kafscale.it.history.Rules;
import io.kafscale.it.history.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.ProduceResponse;
import org.jspecify.annotations.Nullable;

/**
 * Asks one broker again and again, whoever leads: who does it say leads, what are its high watermarks, does it serve a fetch, does it
 * acknowledge a record? A broker that does not answer is waited for, so that its late answer is seen too. On threads of its own.
 */
public final class BrokerProbe implements AutoCloseable {
    private static final long LOOK_MS = 200;
    private static final long WRITE_MS = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final int broker;
    private final String name;
    private final TestTopic topic;
    private final History history;
    private final Line looks;
    private final Line writes;
    private final Set<Event.LeaderSeen> leaders = new HashSet<>();
    private final Map<Integer, Long> numbers = new HashMap<>();
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledExecutorService writing = Executors.newSingleThreadScheduledExecutor();

    private BrokerProbe(int broker, int port, TestTopic topic, History history) {
        this.broker = broker;
        this.name = Rules.PROBE + broker;
        this.topic = topic;
        this.history = history;
        this.looks = new Line(port, name);
        this.writes = new Line(port, name);
    }

    /** Begins to ask the broker that listens, or will listen, on this port. */
    public static BrokerProbe start(int broker, int port, TestTopic topic, History history) {
        var probe = new BrokerProbe(broker, port, topic, history);
        probe.looking.scheduleWithFixedDelay(probe::look, 0, LOOK_MS, TimeUnit.MILLISECONDS);
        probe.writing.scheduleWithFixedDelay(probe::write, WRITE_MS, WRITE_MS, TimeUnit.MILLISECONDS);
        return probe;
    }

    private void look() {
        try {
            noteLeaders((MetadataResponse) looks.ask(ProbeRequests.metadata(topic)));
            long asked = history.now();
            Map<Integer, Long> offsets =
                    noteOffsets((ListOffsetsResponse) looks.ask(ProbeRequests.highWatermarks(topic)), asked);
            if (!offsets.isEmpty()) {
                asked = history.now();
                noteFetched((FetchResponse) looks.ask(ProbeRequests.fetch(topic, offsets)), asked);
            }
        } catch (IOException absent) {
            looks.hangUp();
        } catch (RuntimeException unexpected) {
            history.add(new Event.ClientFailed(name, unexpected.toString()));
        }
    }

    private void noteLeaders(MetadataResponse response) {
        for (var ofTopic : response.data().topics()) {
            for (MetadataResponsePartition partition : ofTopic.partitions()) {
                var seen =
                        new Event.LeaderSeen(partition.partitionIndex(), partition.leaderEpoch(), partition.leaderId());
                // Without an epoch it is a broker that is about to lead.
                if (partition.leaderId() >= 0 && partition.leaderEpoch() >= 0 && leaders.add(seen)) {
                    history.add(seen);
                }
            }
        }
    }

    private Map<Integer, Long> noteOffsets(ListOffsetsResponse response, long asked) {
        var offsets = new HashMap<Integer, Long>();
        for (var ofTopic : response.topics()) {
            for (ListOffsetsPartitionResponse partition : ofTopic.partitions()) {
                if (partition.errorCode() == Errors.NONE.code()) {
                    offsets.put(partition.partitionIndex(), partition.offset());
                    history.add(new Event.ServedBy(broker, partition.partitionIndex(), partition.offset(), asked));
                }
            }
        }
        return offsets;
    }

    private void noteFetched(FetchResponse response, long asked) {
        for (var ofTopic : response.data().responses()) {
            for (FetchResponseData.PartitionData partition : ofTopic.partitions()) {
                if (partition.errorCode() == Errors.NONE.code()) {
                    history.add(
                            new Event.ServedBy(broker, partition.partitionIndex(), partition.highWatermark(), asked));
                }
            }
        }
    }

    private void write() {
        try {
            writes.open();
        } catch (IOException absent) {
            writes.hangUp();
            return;
        }
        var batch = new HashMap<Integer, Long>();
        for (int partition = 0; partition < topic.partitions(); partition++) {
            long number = numbers.merge(partition, 1L, Long::sum) - 1;
            batch.put(partition, number);
            history.add(new Event.Sent(new Source(name, partition), number));
        }
        try {
            noteProduced((ProduceResponse) writes.ask(ProbeRequests.produce(topic, name, batch)), batch);
        } catch (IOException broken) {
            writes.hangUp();
        } catch (RuntimeException unexpected) {
            history.add(new Event.ClientFailed(name, unexpected.toString()));
        }
        batch.forEach((partition, number) ->
                history.add(new Event.Unsettled(new Source(name, partition), number, "no answer")));
    }

    /** Removes from {@code batch} what is answered. */
    private void noteProduced(ProduceResponse response, Map<Integer, Long> batch) {
        for (var ofTopic : response.data().responses()) {
            for (PartitionProduceResponse partition : ofTopic.partitionResponses()) {
                Long number = batch.remove(partition.index());
                if (number == null) {
                    throw new IllegalStateException("an answer for partition " + partition.index() + " unasked");
                }
                var source = new Source(name, partition.index());
                Errors error = Errors.forCode(partition.errorCode());
                history.add(
                        error == Errors.NONE
                                ? new Event.AckedBy(broker, source, number, partition.baseOffset())
                                : new Event.Unsettled(source, number, error.name()));
            }
        }
    }

    @Override
    public void close() {
        looking.shutdown();
        writing.shutdown();
        looks.hangUp();
        writes.hangUp();
        looking.close();
        writing.close();
    }

    /** A connection that is opened when it is needed. */
    private static final class Line {
        private final int port;
        private final String name;
        private volatile @Nullable BrokerConnection connection;

        private Line(int port, String name) {
            this.port = port;
            this.name = name;
        }

        private BrokerConnection open() throws IOException {
            BrokerConnection open = connection;
            if (open == null) {
                open = BrokerConnection.open(port, name, PATIENCE);
                connection = open;
            }
            return open;
        }

        private AbstractResponse ask(AbstractRequest request) throws IOException {
            return open().ask(request);
        }

        private void hangUp() {
            BrokerConnection open = connection;
            connection = null;
            if (open != null) {
                open.close();
            }
        }
    }
}
