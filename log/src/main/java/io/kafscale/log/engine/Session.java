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
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
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
    private final UnsettledAppends unsettled;
    private final FirstAppends firstAppends;
    private final LeadershipMoves moves;
    private final ImageKeeper images;
    private final CutOffWatch cutOff;
    private final Incumbency incumbency;
    private final SessionListener listener;
    private final Map<PartitionId, PartitionLog> led = new LinkedHashMap<>();
    private final FormerPartitions former = new FormerPartitions();
    private volatile long lookedAtNanos;
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
        this.incumbency = new Incumbency(registration::isConfirmed, this::look);
        this.work = new PartitionWork(context, wal, commits::write, incumbency, awaited, new Losses());
        this.reads = new PartitionReads(context, work, partitions);
        this.admission = new AppendAdmission(context.loop(), wal.buffer(), work.deadlines(), this::appendReserved);
        this.unsettled = new UnsettledAppends(work.deadlines(), new Appends());
        this.firstAppends = new FirstAppends(context.loop(), this::flush);
        this.moves = new LeadershipMoves(context, stores, commits, images, this);
        this.lookedAtNanos = registration.confirmedAtNanos();
        this.cutOff =
                new CutOffWatch(context.loop(), Registration.BELIEVED, registration::confirmedAtNanos, this::look);
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

    LeadershipMoves moves() {
        return moves;
    }

    /** Takes what there is to take, by an image that shows this incarnation registered; see {@link LeadershipMoves#takeAll}. */
    CompletableFuture<Void> takeAll() {
        return images.awaitRevision(registration.guard().modRevision()).thenCompose(image -> {
            registration.follow(image);
            return moves.takeAll();
        });
    }

    /** What keeps this incarnation registered now. */
    Lease lease() {
        return registration.lease();
    }

    /** Looks whether somebody has sealed the stream, which is dealt with elsewhere. */
    private CompletableFuture<Void> look() {
        long asked = context.loop().time().nanoTime();
        return wal.probe().thenRun(() -> lookedAtNanos = asked);
    }

    /** When it was last known that nobody had taken this incarnation's place, on the monotonic clock. Thread-safe. */
    long incumbentAtNanos() {
        return Math.max(registration.confirmedAtNanos(), lookedAtNanos);
    }

    /**
     * Makes sure that nobody has taken this incarnation's place. Fails with {@link LogException} NOT_LEADER if somebody has, or if
     * that is not found out in time: a client had better ask others who leads, and comes back if it is this broker still.
     */
    CompletableFuture<Void> ascertain(Duration patience) {
        var answer = new CompletableFuture<Void>();
        var deadline = work.deadlines()
                .at(
                        context.loop().time().nanoTime() + patience.toNanos(),
                        () -> answer.completeExceptionally(new LogException(
                                Kind.NOT_LEADER,
                                "neither store has told in time whether this broker has been replaced")));
        incumbency.ascertain().whenComplete((_, failure) -> {
            deadline.cancel();
            if (failure == null) {
                answer.complete(null);
            } else {
                answer.completeExceptionally(ended != null ? ended : asNotLeading(FutureFailure.cause(failure)));
            }
        });
        return answer;
    }

    private static Throwable asNotLeading(Throwable failure) {
        return failure instanceof LogException doubt && doubt.kind() == Kind.STORAGE_UNAVAILABLE
                ? new LogException(Kind.NOT_LEADER, "it cannot be told whether this broker still leads", doubt)
                : failure;
    }

    /** Whether it leads no partition. */
    boolean leadsNothing() {
        return led.isEmpty();
    }

    /** Whether the metadata store has confirmed this session lately. */
    boolean isConfirmed() {
        return registration.isConfirmed();
    }

    /** Whoever waits for partitions may look again. */
    void partitionsChanged() {
        unsettled.look();
        listener.partitionsChanged();
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

    /** Whether it is settled who serves each partition of a topic: this session, another broker, or nobody because it is damaged. */
    boolean isSettled(UUID topicId) {
        Optional<Versioned<TopicRecord>> topic = images.image().topic(topicId);
        return topic.isPresent()
                && IntStream.range(0, topic.get().value().partitions())
                        .allMatch(partition -> moves.isSettled(new PartitionId(topicId, partition)));
    }

    /** Why a partition is not led. */
    LogException whyNotLed(PartitionId id) {
        Optional<LogException> damage = moves.damage(id);
        if (damage.isPresent()) {
            return damage.get();
        }
        return exists(id)
                ? new LogException(Kind.NOT_LEADER, "this broker does not lead partition " + id)
                : new LogException(Kind.UNKNOWN_PARTITION, "there is no partition " + id);
    }

    private boolean exists(PartitionId id) {
        return images.image()
                .topic(id.topicId())
                .filter(topic ->
                        id.partition() >= 0 && id.partition() < topic.value().partitions())
                .isPresent();
    }

    /** A partition as its record says, with nothing gathered yet. */
    StoredPartition stored(Versioned<TopicRecord> topic, Versioned<PartitionRecord> record) {
        var place = new PartitionPlace(
                record.value().id(), topic.value().name(), topic.value().directory());
        return new StoredPartition(place, record, settingsOf(topic.value()), work.stores());
    }

    /** Begins to lead what was taken, unless this session or the topic has come to its end meanwhile. */
    void lead(Takeover.Taken taken) {
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
            if (stored.record().value().leaderEpoch() > 0) {
                firstAppends.expect(stored.id());
            }
        }
    }

    /** Leads a partition no more: what waits there fails with {@code cause}; its chunks stay until its next leader needs them no more. */
    void giveUp(PartitionLog log, LogException cause) {
        led.remove(log.id(), log);
        firstAppends.forget(log.id());
        work.forget(log);
        log.close(cause);
        former.add(log.stored());
    }

    /** Brings what is led in line with a newer image: topics gone, topics changed, what is planned. */
    void follow(ClusterImage before, ClusterImage image, ClusterDelta delta) {
        registration.follow(image);
        for (UUID topicId : new TreeSet<>(delta.deletedTopics())) {
            before.topic(topicId).ifPresent(topic -> partitionsOf(topic.value()).forEach(this::drop));
        }
        for (UUID topicId : new TreeSet<>(delta.changedTopics())) {
            image.topic(topicId)
                    .ifPresent(topic -> partitionsOf(topic.value()).forEach(log -> {
                        log.stored().changeSettings(settingsOf(topic.value()));
                        work.settingsChanged(log);
                    }));
        }
        former.follow(image, delta);
        moves.follow(image, delta);
        unsettled.look();
    }

    /** The topic was deleted: its chunks are covered, those still on their way too. */
    private void drop(PartitionLog log) {
        led.remove(log.id());
        firstAppends.forget(log.id());
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
        return TopicSettings.of(topic, context.settings());
    }

    /** Appends, once it is settled that the partition is led here and the buffer has room. */
    CompletableFuture<AppendResult> append(AppendRequest request) {
        return unsettled.append(request, context.loop().time().nanoTime());
    }

    private final class Appends implements UnsettledAppends.Leadership {
        @Override
        public UnsettledAppends.Standing standing(PartitionId id) {
            PartitionLog log = led.get(id);
            if (log != null) {
                return log.isDraining() ? UnsettledAppends.Standing.UNSETTLED : UnsettledAppends.Standing.HERE;
            }
            return !exists(id) || moves.isSettled(id)
                    ? UnsettledAppends.Standing.NOT_HERE
                    : UnsettledAppends.Standing.UNSETTLED;
        }

        @Override
        public LogException whyNotLed(PartitionId id) {
            return Session.this.whyNotLed(id);
        }

        @Override
        public CompletableFuture<AppendResult> append(AppendRequest request) {
            return admission.admit(request);
        }

        @Override
        public void flush() {
            Session.this.flush();
        }
    }

    private void flush() {
        // What it fails with, the appends fail with.
        wal.flush().exceptionally(_ -> null);
    }

    /** The bytes are reserved from here on: whatever happens, they are given back once. */
    private CompletableFuture<AppendResult> appendReserved(AppendRequest request, long reserved) {
        PartitionLog log = led.get(request.partition());
        if (log == null) {
            wal.buffer().release(reserved);
            return CompletableFuture.failedFuture(new LogException(
                    Kind.NOT_LEADER, "partition " + request.partition() + " was given up while the append waited"));
        }
        CompletableFuture<AppendResult> appended = log.append(request, reserved);
        firstAppends.appended(request.partition());
        return appended;
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
        unsettled.close(cause);
        admission.close(cause);
        work.close();
        List.copyOf(led.values()).forEach(log -> log.close(cause));
        led.clear();
        return registration.end();
    }

    private final class Losses implements PartitionListener {
        @Override
        public void lost(PartitionLog partition, LogException cause) {
            led.remove(partition.id(), partition);
            firstAppends.forget(partition.id());
            moves.lost(partition);
            Session.this.partitionsChanged();
        }
    }
}
