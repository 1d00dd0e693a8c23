package io.kafscale.log.engine;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.partition.PartitionListener;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.read.PartitionLookup;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.log.wal.WalWriter;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.Guard;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation at work: its WAL stream and the partitions it leads. It ends as a whole, by {@link #end} or by being fenced, and is
 * not used again: a partition led later by another session starts from what the stores hold. Log loop only.
 */
final class Session {
    private final EngineContext context;
    private final WalWriter wal;
    private final Registration registration;
    private final PartitionWork work;
    private final PartitionReads reads;
    private final AppendAdmission admission;
    private final Takeover takeover;
    private final SessionListener listener;
    private final Map<PartitionId, PartitionLog> led = new LinkedHashMap<>();
    private final Map<PartitionId, LogException> damaged = new HashMap<>();
    private @Nullable LogException ended;

    Session(
            EngineContext context,
            WalWriter wal,
            Registration registration,
            EngineStores stores,
            SessionListener listener,
            PartitionLookup partitions) {
        this.context = context;
        this.wal = wal;
        this.registration = registration;
        this.listener = listener;
        this.work =
                new PartitionWork(context, wal, (read, next) -> write(stores.partitions(), read, next), new Losses());
        this.reads = new PartitionReads(context, work, partitions);
        this.admission = new AppendAdmission(context.loop(), wal.buffer(), work.deadlines(), this::appendReserved);
        this.takeover = new Takeover(
                context.metadata().keys(),
                stores.partitions(),
                stores.closedStreams(incarnation()),
                incarnation(),
                new Opening());
    }

    BrokerIncarnation incarnation() {
        return registration.incarnation();
    }

    /** Writes a record under the registration, again where that was renewed meanwhile: the same incarnation leads as before. */
    private CompletableFuture<PartitionOutcome> write(
            PartitionStore partitions, Versioned<PartitionRecord> read, PartitionRecord next) {
        Guard guard = registration.guard();
        return partitions
                .commit(List.of(PartitionChange.update(read, next)), List.of(guard))
                .thenApply(List<PartitionOutcome>::getFirst)
                .thenCompose(outcome -> outcome instanceof PartitionOutcome.GuardFailed
                        ? registration
                                .standsDespite(guard)
                                .thenCompose(stands -> stands
                                        ? write(partitions, read, next)
                                        : CompletableFuture.completedFuture(outcome))
                        : CompletableFuture.completedFuture(outcome));
    }

    Registration registration() {
        return registration;
    }

    WalWriter wal() {
        return wal;
    }

    PartitionReads reads() {
        return reads;
    }

    PartitionWork work() {
        return work;
    }

    /** Why it is over, or null while it is not. */
    @Nullable
    LogException ended() {
        return ended;
    }

    /** The partition, if this session leads it. */
    Optional<PartitionLog> partition(PartitionId id) {
        return Optional.ofNullable(led.get(id));
    }

    /** Why a partition that exists is not led for good, if it is damaged. */
    Optional<LogException> damage(PartitionId id) {
        return Optional.ofNullable(damaged.get(id));
    }

    /** Whether it is settled who serves the partition: this session, or nobody because it is damaged. */
    boolean isSettled(PartitionId id) {
        return led.containsKey(id) || damaged.containsKey(id);
    }

    /** Takes partitions; whatever fails leaves them for another attempt. */
    CompletableFuture<Void> take(List<Takeover.Target> targets) {
        return takeover.take(targets, registration.guard()).thenAccept(result -> {
            for (Takeover.Taken taken : result.taken()) {
                if (ended != null) {
                    taken.partition().discard(ended);
                } else {
                    led.put(taken.partition().id(), work.open(taken));
                }
            }
            damaged.putAll(result.damaged());
            listener.partitionsChanged();
        });
    }

    /** Brings what is led in line with a newer image: topics gone, topics changed. */
    void follow(ClusterImage image, Iterable<UUID> deleted, Iterable<UUID> changed) {
        for (UUID topicId : deleted) {
            for (PartitionLog log : partitionsOf(topicId)) {
                led.remove(log.id());
                work.forget(log);
                var cause = new LogException(
                        Kind.UNKNOWN_PARTITION, "topic " + log.stored().place() + " was deleted");
                log.stored().tombstone(cause);
                log.close(cause);
            }
        }
        for (UUID topicId : changed) {
            image.topic(topicId)
                    .ifPresent(topic -> partitionsOf(topicId).forEach(log -> {
                        log.stored().changeSettings(settingsOf(topic.value()));
                        work.settingsChanged(log);
                    }));
        }
    }

    private List<PartitionLog> partitionsOf(UUID topicId) {
        var found = new ArrayList<PartitionLog>();
        for (PartitionLog log : led.values()) {
            if (log.id().topicId().equals(topicId)) {
                found.add(log);
            }
        }
        return found;
    }

    private TopicSettings settingsOf(TopicRecord topic) {
        return TopicSettings.of(topic.configs(), context.settings());
    }

    /** Appends, once the buffer has room. */
    CompletableFuture<AppendResult> append(AppendRequest request) {
        return admission.admit(request);
    }

    /** The bytes are reserved from here on: whatever happens, they are given back once. */
    private CompletableFuture<AppendResult> appendReserved(AppendRequest request, long reserved) {
        PartitionLog log = led.get(request.partition());
        if (log == null) {
            wal.buffer().release(reserved);
            return CompletableFuture.failedFuture(new LogException(
                    Kind.NOT_LEADER, "partition " + request.partition() + " was given up while the append waited"));
        }
        try {
            return log.append(request, reserved);
        } catch (LogException refusedByWal) {
            // The WAL ended between the check and the append: the reservation never reached it.
            wal.buffer().release(reserved);
            return CompletableFuture.failedFuture(refusedByWal);
        }
    }

    /** Gives everything up at once: what waits fails with {@code cause}, nothing more is acknowledged. */
    void end(LogException cause) {
        if (ended != null) {
            return;
        }
        ended = cause;
        wal.halt();
        admission.close(cause);
        work.close();
        List.copyOf(led.values()).forEach(log -> log.close(cause));
        led.clear();
    }

    private final class Opening implements Takeover.Workshop {
        @Override
        public StoredPartition open(Versioned<TopicRecord> topic, Versioned<PartitionRecord> record) {
            var place = new PartitionPlace(
                    record.value().id(), topic.value().name(), topic.value().directory());
            return new StoredPartition(place, record, settingsOf(topic.value()), work.stores());
        }

        @Override
        public CompletableFuture<Void> cutTenures(StoredPartition partition) {
            return work.segments().writeInherited(partition);
        }
    }

    private final class Losses implements PartitionListener {
        @Override
        public void lost(PartitionLog partition, LogException cause) {
            led.remove(partition.id(), partition);
            listener.partitionsChanged();
        }
    }
}
