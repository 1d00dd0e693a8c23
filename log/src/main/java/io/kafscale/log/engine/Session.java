package io.kafscale.log.engine;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.partition.AwaitedSequences;
import io.kafscale.log.partition.PartitionListener;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.read.PartitionLookup;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.log.wal.WalWriter;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
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
    private final TakeoverQueue takeovers;
    private final HandOver handOver;
    private final ImageKeeper images;
    private final PredecessorStreams streams;
    private final PlanFollower plan;
    private final CutOffWatch cutOff;
    private final SessionListener listener;
    private final Map<PartitionId, PartitionLog> led = new LinkedHashMap<>();
    private final Map<PartitionId, LogException> damaged = new HashMap<>();
    private final FormerPartitions former = new FormerPartitions();
    private @Nullable Placement placement;
    private volatile @Nullable LogException ended;

    Session(
            EngineContext context,
            WalWriter wal,
            Registration registration,
            EngineStores stores,
            ImageKeeper images,
            SessionListener listener,
            PartitionLookup partitions,
            AwaitedSequences awaited) {
        this.context = context;
        this.wal = wal;
        this.registration = registration;
        this.images = images;
        this.listener = listener;
        var commits = new GuardedCommits(stores.partitions(), registration);
        var leadership = new Incumbency(registration::isConfirmed, wal::probe);
        this.work = new PartitionWork(context, wal, commits::write, leadership, awaited, new Losses());
        this.reads = new PartitionReads(context, work, partitions);
        this.admission = new AppendAdmission(context.loop(), wal.buffer(), work.deadlines(), this::appendReserved);
        this.streams = stores.predecessors(incarnation(), images::image);
        this.takeover = new Takeover(context.metadata().keys(), stores, commits, streams, incarnation(), new Opening());
        this.takeovers = new TakeoverQueue(context, new Taking());
        this.handOver = new HandOver(context, stores.partitions(), commits, incarnation(), new Giving());
        this.plan = new PlanFollower(this);
        this.cutOff =
                new CutOffWatch(context.loop(), Registration.BELIEVED, registration::confirmedAtNanos, wal::probe);
    }

    BrokerIncarnation incarnation() {
        return registration.incarnation();
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

    TakeoverQueue takeovers() {
        return takeovers;
    }

    HandOver handOver() {
        return handOver;
    }

    /** What the latest image says this session should do. */
    Placement placement() {
        ClusterImage image = images.image();
        Placement known = placement;
        if (known == null || known.image() != image) {
            known = new Placement(image, incarnation());
            placement = known;
        }
        return known;
    }

    /** Takes what there is to take, by an image that shows this incarnation registered; see {@link PlanFollower#takeAll}. */
    CompletableFuture<Void> takeAll() {
        return images.awaitRevision(registration.guard().modRevision()).thenCompose(image -> {
            registration.follow(image);
            return plan.takeAll();
        });
    }

    /** What keeps this incarnation registered now. */
    Lease lease() {
        return registration.lease();
    }

    /** Ends the stream of another incarnation, which is not registered. */
    CompletableFuture<?> close(BrokerIncarnation other) {
        return streams.close(other);
    }

    /** Partitions of these records are going to be handed over to this session. */
    void expect(Collection<PartitionRecord> records) {
        streams.expect(records);
    }

    /** When it was last known that nobody had taken this incarnation's place, on the monotonic clock. Thread-safe. */
    long incumbentAtNanos() {
        return Math.max(registration.confirmedAtNanos(), cutOff.lookedAtNanos());
    }

    /** Whether it leads nothing and has settled what it gave up, or nobody could lead it instead. */
    boolean isDrained() {
        return (led.isEmpty() && handOver.isIdle()) || !placement().hasOthers();
    }

    /** Partitions given up whose chunks are still needed in the stream. */
    int formerPartitions() {
        return former.size();
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

    /** Whether it is settled who serves the partition: this session, another broker, or nobody because it is damaged. */
    private boolean isSettled(PartitionId id) {
        return led.containsKey(id) || damaged.containsKey(id) || placement().isLedElsewhere(id);
    }

    /** Whether that is settled for all partitions of a topic there is. */
    boolean isSettled(UUID topicId) {
        Optional<Versioned<TopicRecord>> topic = images.image().topic(topicId);
        return topic.isPresent()
                && IntStream.range(0, topic.get().value().partitions())
                        .allMatch(partition -> isSettled(new PartitionId(topicId, partition)));
    }

    /** Why a partition is not led. */
    LogException whyNotLed(PartitionId id) {
        LogException damage = damaged.get(id);
        if (damage != null) {
            return damage;
        }
        Optional<Versioned<TopicRecord>> topic = images.image().topic(id.topicId());
        boolean exists = topic.isPresent()
                && id.partition() >= 0
                && id.partition() < topic.get().value().partitions();
        return exists
                ? new LogException(Kind.NOT_LEADER, "this broker does not lead partition " + id)
                : new LogException(Kind.UNKNOWN_PARTITION, "there is no partition " + id);
    }

    /** Begins to lead what was taken, unless this session or the topic has come to its end meanwhile. */
    private void open(Takeover.Taken taken) {
        StoredPartition stored = taken.partition();
        Optional<Versioned<TopicRecord>> topic =
                images.image().topic(stored.id().topicId());
        if (ended != null) {
            stored.discard(ended);
        } else if (topic.isEmpty()) {
            stored.discard(deleted(stored));
        } else {
            stored.changeSettings(settingsOf(topic.get().value()));
            former.ledAgain(stored);
            led.put(stored.id(), work.open(taken));
        }
    }

    /** Brings what is led in line with a newer image: topics gone, topics changed, what is planned. */
    void follow(ClusterImage before, ClusterImage image, ClusterDelta delta) {
        registration.follow(image);
        for (UUID topicId : new TreeSet<>(delta.deletedTopics())) {
            before.topic(topicId).ifPresent(topic -> partitionsOf(topic.value()).forEach(this::drop));
            damaged.keySet().removeIf(id -> id.topicId().equals(topicId));
        }
        for (UUID topicId : new TreeSet<>(delta.changedTopics())) {
            image.topic(topicId)
                    .ifPresent(topic -> partitionsOf(topic.value()).forEach(log -> {
                        log.stored().changeSettings(settingsOf(topic.value()));
                        work.settingsChanged(log);
                    }));
        }
        former.follow(image, delta);
        plan.follow(image, delta);
    }

    /** The topic was deleted: its chunks are covered, those still on their way too. */
    private void drop(PartitionLog log) {
        led.remove(log.id());
        work.forget(log);
        LogException cause = deleted(log.stored());
        log.stored().tombstone(cause);
        log.close(cause);
    }

    private static LogException deleted(StoredPartition stored) {
        return new LogException(Kind.UNKNOWN_PARTITION, "topic " + stored.place() + " was deleted");
    }

    private List<PartitionLog> partitionsOf(TopicRecord topic) {
        var found = new ArrayList<PartitionLog>();
        for (int partition = 0; partition < topic.partitions(); partition++) {
            PartitionLog log = led.get(new PartitionId(topic.id(), partition));
            if (log != null) {
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
        return log.append(request, reserved);
    }

    /**
     * Gives everything up at once: what waits fails with {@code cause}, nothing more is acknowledged.
     *
     * @return completes when the registration has been given up too; never fails
     */
    CompletableFuture<Void> end(LogException cause) {
        if (ended != null) {
            return registration.end();
        }
        ended = cause;
        wal.halt();
        cutOff.stop();
        admission.close(cause);
        work.close();
        List.copyOf(led.values()).forEach(log -> log.close(cause));
        led.clear();
        return registration.end();
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

    private final class Taking implements TakeoverQueue.Leader {
        @Override
        public Optional<Takeover.Target> target(PartitionId id) {
            boolean mine = placement().taskFor(id, led.containsKey(id)) == Placement.Task.TAKE
                    && !damaged.containsKey(id)
                    && !handOver.isReleasing(id);
            return mine ? placement().target(id) : Optional.empty();
        }

        @Override
        public CompletableFuture<Map<PartitionId, Throwable>> take(List<Takeover.Target> targets) {
            return takeover.take(targets).thenApply(result -> {
                var failed = new LinkedHashMap<>(result.failed());
                for (Takeover.Taken taken : result.taken()) {
                    try {
                        open(taken);
                    } catch (RuntimeException unforeseen) {
                        failed.put(taken.partition().id(), unforeseen);
                    }
                }
                damaged.putAll(result.damaged());
                // The plan may have changed while they were taken.
                plan.look(result.taken().stream()
                        .map(taken -> taken.partition().id())
                        .toList());
                listener.partitionsChanged();
                return failed;
            });
        }

        @Override
        public boolean isOver() {
            return ended != null;
        }
    }

    private final class Giving implements HandOver.Leader {
        @Override
        public Optional<PartitionLog> wantedElsewhere(PartitionId id) {
            return partition(id).filter(log -> placement().taskFor(id, true) == Placement.Task.GIVE_UP);
        }

        @Override
        public void giveUp(PartitionLog log, LogException cause) {
            led.remove(log.id(), log);
            work.forget(log);
            log.close(cause);
            former.add(log.stored());
        }

        @Override
        public CompletableFuture<Void> flush() {
            return wal.flush();
        }

        @Override
        public boolean isConfirmed() {
            return registration.isConfirmed();
        }

        @Override
        public boolean isOver() {
            return ended != null;
        }

        @Override
        public void released(Collection<PartitionId> ids) {
            plan.look(ids);
            listener.partitionsChanged();
        }
    }
}
